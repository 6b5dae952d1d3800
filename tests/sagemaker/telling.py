"""A trainer that tells what it has been given, appended to that of a template."""

TELLING = '''

import sys
import time


class AllKinds(Hyperparameters):
    """One of each kind that a launcher has to write as text."""

    count: int = 0
    rate: float = 0
    label: str = ""
    digits: str = ""
    flag: bool = False
    nothing: str | None = "something"
    nested: dict[str, Any] = {}
    sizes: list[int] = []
    mistake: str = ""


fit = train


def train(environment: Environment, hyperparameters: AllKinds) -> None:
    """Tell, then fit the model: on the first host only, which is the last to be done."""
    channels = {
        name: [given.content_type, sorted(map(str, environment.channel(name).glob("*")))]
        for name, given in environment.input_config.items()
    }
    told = {
        "hyperparameters": hyperparameters.model_dump(),
        "channels": channels,
        "terminal": sys.stdout.isatty(),
        "interface": environment.resources.network_interface_name,
        "code": __file__,
    }
    rank = environment.hosts.index(environment.current_host)
    path = environment.output_data_dir / f"told-{rank}.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    if hyperparameters.mistake:
        raise ValueError(hyperparameters.mistake)
    if rank == 0:
        time.sleep(3 if len(environment.hosts) > 1 else 0)
        fit(environment, hyperparameters)


Hyperparameters = AllKinds
'''

# What a person gives, and what the trainer is to get. A launcher makes text of each.
KINDS = {
    "count": 3,
    "rate": 0.25,
    "label": "abc",
    "digits": "001",
    "flag": True,
    "nothing": None,
    "nested": {"a": [1, {"b": "c"}]},
    "sizes": [8, 16],
}
