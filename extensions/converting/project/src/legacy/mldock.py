"""The names of mldock that the code in this folder uses, on top of this project's life-cycle.

Channels are moved by the life-cycle, whatever the stage, so `startup` and `cleanup` do no more
here than what the classes in `assets.py` add. Delete this file with the last of the old code.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import Any, ClassVar

from container.lifecycle import ContainerError, Environment

Function = Callable[..., Any]

logger = logging.getLogger("mldock")


READERS: dict[str, Function] = {
    "bool": lambda text: text.lower() in ("1", "on", "true", "yes"),
    "float": float,
    "int": int,
    "json": json.loads,
    "str": str,
}


class Variables:
    """`environment_variables`: by name, with a default, as text or `.int(...)` and so on."""

    def __call__(self, name: str, default: Any = None, *, read: Function = str) -> Any:
        """Return what a variable holds, or the default."""
        text = Environment().variables.get(name)
        return default if text is None else read(text)

    def __getattr__(self, kind: str) -> Function:
        """Return what reads variables of a kind."""
        if kind not in READERS:
            raise AttributeError(f"legacy/mldock.py reads no variable as {kind!r}.")
        return partial(self, read=READERS[kind])


class BaseEnvironment:
    """The directories of the container, under mldock's names; arguments change nothing here."""

    # Those of the run: `src/trainer.py` sets them.
    hyperparameters: ClassVar[Mapping[str, Any]] = {}
    environment_variables = Variables()

    def __init__(self, *_arguments: object, **_options: object) -> None:
        environment = Environment()
        self.base_dir = environment.base_dir
        self.input_dir = environment.base_dir / "input"
        self.input_data_dir = self.input_dir / "data"
        self.input_config_dir = environment.config_dir
        self.model_dir = environment.model_dir
        # The channels of results lie in it; `output/data/` is what SageMaker keeps besides.
        self.output_data_dir = environment.output_dir


AWSEnvironment = GCPEnvironment = SagemakerEnvironment = BaseEnvironment


class Container:
    """What both containers have in common; each generation has other names for its arguments."""

    def __init__(
        self,
        container_environment: BaseEnvironment | None = None,
        container_logger: logging.Logger = logger,
        environment: BaseEnvironment | None = None,
        **_options: object,
    ) -> None:
        self.container_environment = container_environment or environment or BaseEnvironment()
        self.environment = self.container_environment
        self.container_logger = self.logger = container_logger

    def startup(self) -> None:
        """Do nothing: the channels are filled already."""

    def cleanup(self) -> None:
        """Do nothing: the channels are kept later."""

    def run(self, function: Callable[[], Any]) -> Any:
        """Call a function, with nothing before and after it."""
        return function()

    def wrap(self, function: Function) -> Function:
        """Give a function the environment and a logger."""

        @wraps(function)
        def wrapped(*arguments: Any, **options: Any) -> Any:
            own = (*arguments, self.container_environment, self.container_logger)
            return self.run(partial(function, *own, **options))

        return wrapped


class BaseTrainingContainer(Container):
    """Around the trainer."""

    def run(self, function: Callable[[], Any]) -> Any:
        """Call the trainer, with what the class does before and after it."""
        # A trainer that reads a command line must not find that of the process around it.
        del sys.argv[1:]
        try:
            self.startup()
            return function()
        finally:
            self.cleanup()


class BaseServingContainer(Container):
    """Around the server, and around each request."""

    def startup_worker(self) -> None:
        """Do nothing before a request."""

    def cleanup_worker(self) -> None:
        """Do nothing after a request."""

    def run(self, function: Callable[[], Any]) -> Any:
        """Answer a request, with what the class does before and after it."""
        try:
            self.startup_worker()
            return function()
        finally:
            self.cleanup_worker()


class ModelService:
    """A model that is loaded when it is made."""

    model: Any = None

    def __init__(self, model_path: str | Path) -> None:
        self.model = self.load_model(model_path)

    def load_model(self, model_path: Any) -> Any:
        """Return the model."""
        raise ContainerError(
            f"src/legacy/: {type(self).__name__} has no load_model to load {model_path} with. "
            "Write it, or load the model in src/prediction.py."
        )


def around(container: type[Any], environment: Any, logger: logging.Logger) -> Function:
    """Return the decorator that does what a container does before and after a function."""

    def decorate(function: Function) -> Function:
        @wraps(function)
        def wrapped(*arguments: Any, **options: Any) -> Any:
            made = container(container_environment=environment, container_logger=logger)
            return made.run(partial(function, *arguments, **options))

        return wrapped

    return decorate


trainer = predictor = around


def extract_stack_trace() -> str:
    """Return the traceback of the exception that is handled."""
    return traceback.format_exc()


def listed(answers: Any) -> Any:
    """Return answers as JSON has them: arrays and tables as lists."""
    if hasattr(answers, "to_dict") and hasattr(answers, "columns"):
        return answers.to_dict("records")
    return answers.tolist() if hasattr(answers, "tolist") else answers
