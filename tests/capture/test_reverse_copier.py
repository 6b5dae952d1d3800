"""Copier itself gives back what was written backwards."""

from __future__ import annotations

from pathlib import Path

import copier

from extensions.reverse import reverse, reverse_name
from tests.capture.test_reverse import JINJA, sites_in

NASTY = {
    "crlf.txt": "churn {{ x }}\r\n{% raw %}\r\nlone\rcr {#",
    "bom.txt": "\ufeffchurn {%- endraw -%} \u2028 \x85 }}",
    "work.yml": "run: ${{ secrets.A }}:${{ secrets.B }} {{churn}} ${#a[@]}\n\n",
    "a {{b}} {#c#} {% d/churn {%/e 'f' é.txt": "churn",
}


def test_real_copier(tmp_path: Path) -> None:
    """Copier itself gives the texts and the names back."""
    source, target = tmp_path / "source", tmp_path / "target"
    for name, text in NASTY.items():
        path = source / f"{reverse_name(name, sites_in(name, in_name=True))}.jinja"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(reverse(JINJA, text, sites_in(text)).encode())
    (source / "copier.yml").write_text(
        "_envops: {undefined: jinja2.StrictUndefined}\nproject_name: churn\n"
        "sign: {default: '{', when: false}\n_exclude: [copier.yml]\n"
    )

    copier.run_copy(str(source), target, data={"sign": "{"}, defaults=True, quiet=True)

    found = {
        path.relative_to(target).as_posix(): path.read_bytes().decode()
        for path in target.rglob("*")
        if path.is_file()
    }
    assert found == NASTY
