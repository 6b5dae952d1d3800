"""mldock.json: the values of a project, and those that a stage puts in their place."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from mldock.deployment import Kubernetes, Sagemaker
from mldock.errors import ContainerError
from mldock.settings import Settings
from pydantic import Field, ValidationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def project_dir() -> Path:
    """Return the root of the project: the folder that has `src/container`."""
    # executor.sh and the commands put src/ on the path; an editor's test run may not have it.
    spec = importlib.util.find_spec("container")
    return Path(spec.origin).absolute().parents[2] if spec and spec.origin else Path.cwd()


Part = TypeVar("Part", bound=Settings)


class DeclaredChannel(Settings):
    """A channel by name. Without `remote` it is the local folder of that name."""

    # Dots alone would lead to another directory.
    name: str = Field(
        pattern=r"^\.*[A-Za-z0-9_-][A-Za-z0-9._-]*$",
        max_length=64,
        description="The name of its folder, such as training for data/training/.",
    )
    remote: str | None = Field(None, description="Where it lies: s3://, gs://, az:// or a path.")
    direction: Literal["input", "output"] = Field(
        "input", description="Fetched before training or serving, or kept after training."
    )
    unpack: bool = Field(
        False, description="Consists of archives (.zip, .tar.gz) that are to be unpacked."
    )


class Stage(Settings):
    """Values that take the place of the project's own while the stage is chosen."""

    tag: str | None = Field(None, description="The tag of the image; the stage's name if absent.")
    environment: dict[str, str | int | float | bool] = Field(
        {}, description="Variables; locally each reaches the container with the prefix MLDOCK_."
    )
    hyperparameters: dict[str, Any] = Field(
        {}, description="Values for the Hyperparameters of src/trainer.py."
    )
    data: list[DeclaredChannel] = Field([], description="Data that are read, or outputs to keep.")
    model: list[DeclaredChannel] = Field([], description="Models that are fetched, or kept.")
    checkpoints: str | None = Field(
        None, description="Where checkpoints outlast the container: a URI or a path."
    )
    hosts: int = Field(
        1, ge=1, le=100, description="How many hosts train together; the first saves the model."
    )
    registry: str | None = Field(
        None,
        pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$",
        description="Where `nox -s push` sends the image: host[:port][/folder].",
    )
    sagemaker: Sagemaker = Field(Sagemaker(), description="What `nox -s deploy -- sagemaker` runs.")
    kubernetes: Kubernetes = Field(
        Kubernetes(), description="Where `nox -s deploy -- kubernetes` runs it."
    )


class Project(Stage):
    """mldock.json as a whole."""

    json_schema: str | None = Field(None, alias="$schema", description="What editors check it by.")
    image_name: str = Field(description="The name of the image, with its registry if it has one.")
    version: str = Field(
        "0.1.0",
        pattern=r"^[0-9]+\.[0-9]+\.[0-9]+([.-]?[a-z0-9]+)*$",
        description="The version of the project; with the commit it names the pushed image.",
    )
    python_version: str | None = Field(
        None, description="The Python of the image; without Docker, used where it is installed."
    )
    tag: str | None = Field("latest", description="The tag of the image when no stage is chosen.")
    stages: dict[str, Stage] = Field(
        {}, description="What each stage puts in the place of these values."
    )

    def at_stage(self, name: str | None) -> Project:
        """Return the project with the values of a stage in place; None changes nothing.

        Raises:
            ContainerError: mldock.json has no such stage.

        """
        if name is None:
            return self
        if name not in self.stages:
            raise ContainerError(
                f"mldock.json has no stage {name!r}; it has: {', '.join(self.stages) or 'none'}."
            )
        stage = self.stages[name]
        return self.model_copy(
            update={
                "tag": stage.tag or name,
                "environment": self.environment | stage.environment,
                "hyperparameters": self.hyperparameters | stage.hyperparameters,
                "data": merge(self.data, stage.data),
                "model": merge(self.model, stage.model),
                "checkpoints": stage.checkpoints or self.checkpoints,
                "hosts": stage.hosts if "hosts" in stage.model_fields_set else self.hosts,
                "registry": stage.registry or self.registry,
                "sagemaker": overlay(self.sagemaker, stage.sagemaker),
                "kubernetes": overlay(self.kubernetes, stage.kubernetes),
            }
        )


def overlay(base: Part, over: Part) -> Part:
    """Return the first with all that the second sets, at any depth."""
    return type(base).model_validate(combine(said(base), said(over)))


def said(part: Settings) -> dict[str, Any]:
    """Return what the file says of a part, without the defaults."""
    return part.model_dump(exclude_unset=True)


def combine(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return both objects as one; where both have a value, the second's."""
    both = {
        key: combine(base[key], value)
        for key, value in over.items()
        if isinstance(value, dict) and isinstance(base.get(key), dict)
    }
    return {**base, **over, **both}


def merge(base: list[DeclaredChannel], over: list[DeclaredChannel]) -> list[DeclaredChannel]:
    """Return the channels of both lists; one of the second replaces its namesake."""
    channels = {(channel.name, channel.direction): channel for channel in [*base, *over]}
    return list(channels.values())


def read_project(path: Path | None = None) -> Project:
    """Read mldock.json, by default that of this project.

    Raises:
        ContainerError: The file is missing or not as its schema says; each fault is one line.

    """
    path = path or project_dir() / "mldock.json"
    try:
        return Project.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ContainerError(f"{path} is missing. Restore it from version control.") from error
    except ValidationError as error:
        faults = "\n  ".join(describe(fault, path) for fault in error.errors())
        raise ContainerError(f"{path} is not valid.\n  {faults}") from error


def describe(fault: ErrorDetails, path: Path) -> str:
    """Return where a fault is, and what it is."""
    place, message = ".".join(map(str, fault["loc"])), fault["msg"]
    if fault["type"] == "json_invalid":
        return find_syntax_error(path.read_bytes().decode(errors="replace")) or message
    if fault["type"] == "extra_forbidden":
        *parents, key = fault["loc"]
        keys = list(keys_at(parents))
        close = get_close_matches(str(key), keys, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(keys)}."
        return f"{place}: there is no such key. {hint}"
    return f"{place}: {message}"


def find_syntax_error(text: str) -> str | None:
    """Return the line of a text that is not JSON, and why it is not."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        before = text[: error.pos].rstrip()
        reason, end = error.msg, error.pos
        # Python names the place where it noticed.
        if not text[end:].strip():
            reason, end = "the file ends too early", len(before)
        elif reason == "Expecting ',' delimiter" and text[end] != "'":
            reason, end = f"a comma is missing after {before.split()[-1]}", len(before)
        elif before.endswith(",") and text[end] in "}]":
            reason, end = "a comma is one too many", len(before)
        line = text.count("\n", 0, end)
        return f"line {line + 1}: {reason}: {text.split(chr(10))[line].strip()}"
    except (ValueError, RecursionError):
        # An integer of thousands of digits, or objects in each other: pydantic's words will do.
        pass
    return None


def keys_at(place: Sequence[int | str]) -> Iterable[str]:
    """Return the keys that an object of mldock.json may have."""
    schema = Project.model_json_schema()
    part: Any = schema
    for step in place:
        part = (
            part.get("properties", {}).get(step)
            or part.get("items")
            or part.get("additionalProperties")
        )
        # An optional part is one of two forms.
        part = next((one for one in part.get("anyOf", ()) if "$ref" in one), part)
        if "$ref" in part:
            part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    keys: Iterable[str] = part.get("properties", ())
    return keys
