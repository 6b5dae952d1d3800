"""The lifecycles: inputs before the script, outputs after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from mldock import ContainerError, Environment, ServingLifecycle, TrainingLifecycle


def place(path: Path, text: str = "1,2") -> Path:
    """Write a file in a directory of its own, and return the directory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path.parent


def with_variables(tmp_path: Path, **variables: Path | str) -> Environment:
    """Return an environment whose channels lie beside it."""
    texts = {f"MLDOCK_{key}": str(remote) for key, remote in variables.items()}
    return Environment(tmp_path / "ml", texts)


def test_training_moves_data_and_models(tmp_path: Path) -> None:
    """Inputs, and where the trainer writes to, are there before it; outputs are kept after it."""
    environment = with_variables(
        tmp_path,
        INPUT_CHANNEL_IRIS=place(tmp_path / "data" / "iris.csv"),
        INPUT_MODEL_CHANNEL_NET=place(tmp_path / "net" / "weights"),
        OUTPUT_CHANNEL_REPORT=tmp_path / "kept" / "report",
        OUTPUT_MODEL_CHANNEL_NET=tmp_path / "kept" / "net",
    )

    TrainingLifecycle(environment).startup()

    assert (environment.channel("iris") / "iris.csv").is_file()
    assert (environment.model_dir / "net" / "weights").is_file()
    assert environment.output_data_dir.is_dir()
    assert environment.checkpoint_dir.is_dir()
    place(environment.output_dir / "report" / "metrics.json")
    TrainingLifecycle(environment).cleanup()
    assert (tmp_path / "kept" / "report" / "metrics.json").is_file()
    assert (tmp_path / "kept" / "net" / "weights").is_file()


def test_serving_fetches_models_alone(tmp_path: Path) -> None:
    """A server needs no data, and writes nothing but what it fetches."""
    environment = with_variables(
        tmp_path, INPUT_CHANNEL_IRIS="/nowhere", MODEL_INPUT_CHANNEL_NET=place(tmp_path / "n" / "w")
    )

    ServingLifecycle(environment).startup()

    assert [path.name for path in environment.base_dir.rglob("*")] == ["model", "net", "w"]


def test_one_failing_output_does_not_hinder_the_others(tmp_path: Path) -> None:
    """Every output is tried; the error names those that failed, and why."""
    place(tmp_path / "file")
    environment = with_variables(
        tmp_path,
        OUTPUT_CHANNEL_A="ftp://host/a",
        OUTPUT_CHANNEL_B=tmp_path / "file" / "below",
        OUTPUT_CHANNEL_C="/elsewhere",
        OUTPUT_CHANNEL_D=tmp_path / "kept",
    )
    for name in "abd":
        place(environment.output_dir / name / "result")

    with pytest.raises(ContainerError) as caught:
        TrainingLifecycle(environment).cleanup()

    message = str(caught.value)
    assert message.startswith("These outputs were not saved: MLDOCK_OUTPUT_CHANNEL_A=ftp://host/a")
    assert "no platform moves ftp://" in message
    assert "A part of the path is a file: choose another place." in message
    assert f"the trainer wrote nothing to {environment.output_dir / 'c'}" in message
    assert "CHANNEL_D" not in message
    assert (tmp_path / "kept" / "result").is_file()
