"""Channels from environment variables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mldock import ContainerError, Environment
from mldock.channels import read_channels, variable_for

KINDS = st.sampled_from(["data", "model"])
DIRECTIONS = st.sampled_from(["input", "output"])
# Capitals alone are read as small letters; dots alone are no name.
NAMES = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True).filter(
    lambda name: not name.isupper() and set(name) != {"."}
)


@pytest.mark.parametrize(
    ("prefix", "kind", "direction"),
    [
        ("MLDOCK_INPUT_CHANNEL_", "data", "input"),
        ("MLDOCK_OUTPUT_CHANNEL_", "data", "output"),
        ("MLDOCK_INPUT_MODEL_CHANNEL_", "model", "input"),
        ("MLDOCK_MODEL_INPUT_CHANNEL_", "model", "input"),
        ("MLDOCK_OUTPUT_MODEL_CHANNEL_", "model", "output"),
        ("MLDOCK_MODEL_OUTPUT_CHANNEL_", "model", "output"),
    ],
)
def test_prefix_gives_kind_and_direction(prefix: str, kind: str, direction: str) -> None:
    """Each prefix, in both spellings of the model channels, declares one channel."""
    (channel,) = read_channels({f"{prefix}iris": "s3://bucket/iris"})

    assert (channel.kind, channel.direction) == (kind, direction)
    assert (channel.name, channel.remote) == ("iris", "s3://bucket/iris")
    assert channel.variable == f"{prefix}iris"


@given(st.dictionaries(st.tuples(KINDS, DIRECTIONS, NAMES), NAMES, max_size=5))
def test_channels_do_not_mix(declared: dict[tuple[str, str, str], str]) -> None:
    """The variable of a channel declares that channel, and no other."""
    variables = {variable_for(*key): remote for key, remote in declared.items()}

    channels = read_channels(variables)

    assert declared == {
        (channel.kind, channel.direction, channel.name): channel.remote for channel in channels
    }


@pytest.mark.parametrize(
    ("spelt", "name"),
    [
        ("TRAINING", "training"),
        ("TRAINING_2", "training_2"),
        ("Training", "Training"),
        ("2024", "2024"),
        ("a.b-c_d", "a.b-c_d"),
        ("x" * 64, "x" * 64),
    ],
)
def test_capitals_become_small(spelt: str, name: str) -> None:
    """A name in capitals alone is the directory in small letters; all others are kept."""
    (channel,) = read_channels({f"MLDOCK_INPUT_CHANNEL_{spelt}": "/data"})

    assert channel.name == name
    # As people write variables.
    assert variable_for("data", "input", "my-data.2") == "MLDOCK_INPUT_CHANNEL_MY-DATA.2"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", "a b", "a\n", "é", "x" * 65])
def test_bad_name_is_refused(name: str) -> None:
    """A name that is no directory of its own is refused, and its variable is named."""
    with pytest.raises(ContainerError) as caught:
        read_channels({f"MLDOCK_INPUT_CHANNEL_{name}": "/data"})

    assert f"MLDOCK_INPUT_CHANNEL_{name}: {name!r}" in str(caught.value)
    assert "1 to 64 letters" in str(caught.value)


@pytest.mark.parametrize(
    "place",
    [
        " s3://b/m",
        "s3://b/m ",
        "s3://b/m\n",
        '"s3://b/m"',
        "'/data'",
        '"/data',
        "/da\0ta",
        "/da\x85ta",
        "/da\u2028ta",
        "/caf\udce9",
        "\xa0/data",
        "/data\xa0",
        "\u3000s3://b/m",
        "/data\u200b",
        "\ufeff/data",
        "\xa0'/data'",
        "~/data",
    ],
)
def test_place_that_only_looks_like_one(place: str) -> None:
    """What an --env-file passes on is no path; it is told before the job, with the variable."""
    with pytest.raises(ContainerError, match=r"^MLDOCK_OUTPUT_CHANNEL_OUT=.* Write ") as caught:
        read_channels({"MLDOCK_OUTPUT_CHANNEL_OUT": place})

    assert str(caught.value).isprintable()
    with pytest.raises(ContainerError, match=" Write "):
        Environment().store_of(place)


@pytest.mark.parametrize("place", ["/my\xa0data", "s3://b/a b/é\u3000漢", "/👩\u200d🔬", "/it's"])
def test_place_with_unusual_characters(place: str) -> None:
    """A blank inside of a path is a part of it, whichever it is."""
    (channel,) = read_channels({"MLDOCK_OUTPUT_CHANNEL_OUT": place})

    assert channel.remote == place


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MLDOCK_INPUT_MODEL_CHANNEL_net", "MLDOCK_MODEL_INPUT_CHANNEL_net"),
        ("MLDOCK_MODEL_OUTPUT_CHANNEL_NET", "MLDOCK_OUTPUT_MODEL_CHANNEL_net"),
        ("MLDOCK_INPUT_CHANNEL_TRAIN", "MLDOCK_INPUT_CHANNEL_train"),
    ],
)
def test_two_values_are_an_error(one: str, other: str) -> None:
    """One channel with two values is an error that names both variables and both values."""
    with pytest.raises(ContainerError) as caught:
        read_channels({one: "/first", other: "/second"})

    assert all(word in str(caught.value) for word in (one, other, "/first", "/second"))


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        # Both spellings with the same value are no contradiction.
        (["MLDOCK_INPUT_MODEL_CHANNEL_net", "MLDOCK_MODEL_INPUT_CHANNEL_net"], ["net"]),
        # The order of downloads does not depend on the order of the environment.
        ([f"MLDOCK_INPUT_CHANNEL_{name}" for name in "bac"], ["a", "b", "c"]),
        (["MLDOCK_INPUT_CHANNELS", "INPUT_CHANNEL_iris", "SM_CHANNEL_TRAINING"], []),
    ],
)
def test_which_channels_there_are(variables: list[str], names: list[str]) -> None:
    """Each once, in an order of their own; a variable of another name declares none."""
    channels = read_channels(dict.fromkeys(variables, "/data") | {"MLDOCK_INPUT_CHANNEL_empty": ""})

    assert [channel.name for channel in channels] == names
