"""Which hosts a job has, from whatever the platform tells."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from mldock import ContainerError, Environment, hosts

from tests.client import free_port
from tests.mldock.conftest import WriteConfig

INDEXED = {"MLDOCK_HOSTS": "train-0.train, train-1.train,train-2.train"}
KUBEFLOW = {"MASTER_ADDR": "job-master-0", "WORLD_SIZE": "3"}


@pytest.mark.parametrize(
    ("variables", "hosts", "rank"),
    [
        ({}, ("localhost",), 0),
        ({"MLDOCK_HOSTS": "alone"}, ("alone",), 0),
        (
            {**INDEXED, "JOB_COMPLETION_INDEX": "2"},
            ("train-0.train", "train-1.train", "train-2.train"),
            2,
        ),
        ({**KUBEFLOW, "RANK": "0"}, ("job-master-0", "host-1", "host-2"), 0),
        ({**KUBEFLOW, "RANK": "2"}, ("job-master-0", "host-1", "host-2"), 2),
        # Two processes a node.
        (
            {**KUBEFLOW, "WORLD_SIZE": "4", "PET_NNODES": "2", "RANK": "1"},
            ("job-master-0", "host-1"),
            1,
        ),
        # On a cluster whose addresses are those of IPv6.
        (
            {"MLDOCK_HOSTS": "fd00::1,fd00::2", "MLDOCK_HOST_INDEX": "1"},
            ("fd00::1", "fd00::2"),
            1,
        ),
        # The first that says something is believed.
        ({**KUBEFLOW, "RANK": "2", "MLDOCK_HOSTS": "a,b", "MLDOCK_HOST_INDEX": "1"}, ("a", "b"), 1),
    ],
)
def test_variables(
    tmp_path: Path, variables: dict[str, str], hosts: tuple[str, ...], rank: int
) -> None:
    """Those of mldock and of an Indexed Job, those of Kubeflow, none."""
    environment = Environment(tmp_path, variables)

    assert environment.hosts == hosts
    assert environment.rank == rank
    assert environment.current_host == hosts[rank]
    assert environment.is_first == (rank == 0)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        (
            INDEXED,
            "There are 3 hosts, nothing says which .* MLDOCK_HOST_INDEX to .* 0 to 2",
        ),
        (
            {**INDEXED, "MLDOCK_HOST_INDEX": "3"},
            "MLDOCK_HOST_INDEX=3 is no whole number from 0 to 2",
        ),
        (
            {"MLDOCK_HOSTS": "a,b,a", "MLDOCK_HOST_INDEX": "0"},
            "MLDOCK_HOSTS=a,b,a: 'a' is there twice",
        ),
        (
            {"MLDOCK_HOSTS": "a,../b", "MLDOCK_HOST_INDEX": "0"},
            "'../b' is .* not the name of a host",
        ),
        (KUBEFLOW, "There are 3 hosts, .* Set RANK"),
        ({**KUBEFLOW, "WORLD_SIZE": "two"}, "WORLD_SIZE=two is no whole number"),
    ],
)
def test_contradictions(tmp_path: Path, variables: dict[str, str], told: str) -> None:
    """A host that does not know its place does not begin."""
    with pytest.raises(ContainerError, match=told):
        _ = Environment(tmp_path, variables).hosts


@pytest.mark.parametrize(
    ("has_ipv6", "address"),
    [(True, "::1"), (True, "127.0.0.1"), (False, "127.0.0.1")],
    ids=["ipv6", "ipv4", "ipv4-alone"],
)
def test_first_host_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_ipv6: bool, address: str
) -> None:
    """It is reached by both families of addresses, or by IPv4 where the kernel has no other."""
    if not has_ipv6:
        monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    port = free_port()
    variables = {**INDEXED, "JOB_COMPLETION_INDEX": "0", "MLDOCK_HOSTS_PORT": str(port)}

    line = hosts.join(Environment(tmp_path, variables))
    assert line is not None
    with line, hosts.connect(address, port, 0):
        accepted, (peer, *_) = line.accept()
        accepted.close()

    assert peer.removeprefix("::ffff:") == address
    assert (":" in peer) == has_ipv6


@pytest.mark.parametrize(
    ("host", "address"), [("train-0.train", "train-0.train:29400"), ("fd00::1", "[fd00::1]:29400")]
)
def test_addresses(host: str, address: str) -> None:
    """An address of IPv6 has brackets where a port follows, as in a URL."""
    assert hosts.format_address(host, 29400) == address


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        ({"hosts": ["a", "b"]}, "None is not one of a, b"),
        ({"hosts": ["a", "a"], "current_host": "a"}, "resourceconfig.json: 'a' is there twice"),
    ],
)
def test_contradictions_of_sagemaker(
    environment: Environment, write_config: WriteConfig, resources: object, told: str
) -> None:
    """Nor does one whose file does not know it."""
    write_config("resourceconfig.json", resources)

    with pytest.raises(ContainerError, match=told):
        _ = environment.hosts


@pytest.mark.parametrize(
    ("named", "interface"),
    [
        ("lo", "lo"),
        # SageMaker's local mode names one that is not there.
        ("ethwe", None),
        (None, None),
    ],
)
def test_file_of_sagemaker(
    environment: Environment, write_config: WriteConfig, named: str | None, interface: str | None
) -> None:
    """It goes before variables, and names the interface that leads to the others."""
    told = {"current_host": "b", "hosts": ["a", "b"], "network_interface_name": named}
    write_config("resourceconfig.json", told)
    environment = Environment(environment.base_dir, {"MLDOCK_HOSTS": "x,y"})

    assert (environment.hosts, environment.rank) == (("a", "b"), 1)
    assert environment.interface == interface
