"""Draws the pictures of docs/: chains of boxes, which fit on a phone.

All text stands in boxes that have a colour of their own, so that one picture is readable on light
and on dark pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

FOLDER = Path(__file__).absolute().parents[2] / "docs" / "images"

WIDTH, HEIGHT, GAP, ACROSS = 150, 60, 26, 4

# White on each is at least 4.5:1, and each is at least 3:1 on white and on black.
COLOURS = {"yours": "#2e7d32", "ours": "#3f51b5", "place": "#546e7a"}
LINE = "#78869b"


@dataclass(frozen=True)
class Picture:
    """A chain of boxes.

    Attributes:
        name: The file, without its ending.
        told: What somebody who cannot see it is told.
        boxes: Each a line for a box: whose it is, and one or two lines of text.

    """

    name: str
    told: str
    boxes: tuple[str, ...]


PICTURES = [
    Picture(
        "way-copy",
        "templates/_shared is linked into templates/sklearn; copier copy makes a project of it; "
        "nox -s build makes an image of the project; nox -s build-template makes a template.",
        (
            "ours|templates/|_shared/",
            "ours|linked into|templates/sklearn/",
            "place|copier copy|asks, copies",
            "yours|your project|src/ data/ tests/",
            "ours|nox -s|build-template",
            "ours|a template|of your project",
        ),
    ),
    Picture(
        "way-train",
        "Training: channels are fetched, the trainer runs in a process of its own, the report is "
        "written, outputs are sent, and the exit code tells the truth.",
        (
            "place|channels|path, s3, gs, az",
            "ours|startup()|fetch, check, unpack",
            "yours|trainer.train()|own process",
            "ours|report|metrics, data",
            "ours|cleanup()|send, manifest",
            "place|model, output|path, s3, gs, az",
            "ours|exit code|and output/failure",
        ),
    ),
    Picture(
        "way-serve",
        "Serving: a request passes nginx, gunicorn and the codec of its format; rows of requests "
        "that wait are put together; the service predicts; the codec writes the answer.",
        (
            "place|a request|JSON, CSV, npy ...",
            "ours|nginx|limits, timeouts",
            "ours|gunicorn|a worker a CPU",
            "ours|codec|body to rows",
            "ours|batch|of those that wait",
            "yours|Service.predict()|rows to answers",
            "ours|codec|answers to body",
            "place|the answer|as Accept asks",
        ),
    ),
    Picture(
        "way-capture",
        "Capture: what git tracks is read; the values of its answers are searched; what has not "
        "changed stays linked; secrets are refused; Copier renders the template with the same and "
        "with unlikely answers; it is written if the proofs hold.",
        (
            "yours|your project|what git tracks",
            "ours|searching|values, their places",
            "ours|inheriting|what is unchanged",
            "ours|scanning|secrets, accounts",
            "ours|rendering|by Copier itself",
            "ours|proving|byte for byte",
            "ours|storing|templates/NAME/",
        ),
    ),
]


def draw(picture: Picture) -> str:
    """Return a picture as SVG: rows that are read left to right, then right to left, and so on."""
    rows = -(-len(picture.boxes) // ACROSS)
    width = ACROSS * (WIDTH + GAP) - GAP + 4
    height = rows * (HEIGHT + GAP) - GAP + 4
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="system-ui, sans-serif" text-anchor="middle" role="img">',
        f"<title>{escape(picture.told)}</title>",
    ]
    for number, box in enumerate(picture.boxes):
        x, y = corner(number)
        whose, *lines = box.split("|")
        if number:
            parts.append(arrow(number))
        parts.append(
            f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8" '
            f'fill="{COLOURS[whose]}"/>'
        )
        for line, text in enumerate(lines):
            style = ('font-size="15" font-weight="600"', 'font-size="13"')[line]
            parts.append(
                f'<text x="{x + WIDTH // 2}" y="{y + 26 + 21 * line}" {style} '
                f'fill="#fff">{escape(text)}</text>'
            )
    return "\n".join([*parts, "</svg>"]) + "\n"


def corner(number: int) -> tuple[int, int]:
    """Return the upper left corner of a box."""
    row, column = divmod(number, ACROSS)
    place = ACROSS - 1 - column if row % 2 else column
    return 2 + place * (WIDTH + GAP), 2 + row * (HEIGHT + GAP)


def arrow(number: int) -> str:
    """Return the arrow that leads to a box."""
    (from_x, from_y), (x, y) = corner(number - 1), corner(number)
    if from_y != y:
        middle, top = x + WIDTH // 2, y - GAP + 3
        line, head = f"M{middle} {top}v{GAP - 12}", f"M{middle - 6} {y - 9}h12l-6 8z"
    else:
        level, way = y + HEIGHT // 2, 1 if x > from_x else -1
        end = x if way > 0 else x + WIDTH
        line = f"M{end - way * (GAP - 3)} {level}h{way * (GAP - 12)}"
        head = f"M{end - way * 9} {level - 6}v12l{way * 8} -6z"
    return f'<path d="{line}" stroke="{LINE}" stroke-width="2"/><path d="{head}" fill="{LINE}"/>'


def files() -> dict[Path, str]:
    """Return the content of each file."""
    return {FOLDER / f"{picture.name}.svg": draw(picture) for picture in PICTURES}
