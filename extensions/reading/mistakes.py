"""What is tracked by mistake more often than not: models, caches, environments, keys."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache

# In bytes. More than that is data or a model, not a source.
LARGEST = 5_000_000

_KINDS = {
    "the settings of one machine": ".env .env.* .envrc",
    "a private key or a certificate": (
        "*.jks *.key *.p12 *.pem *.pfx *.ppk id_dsa id_ecdsa id_ed25519 id_rsa"
    ),
    "a cache": (
        "*.py[co] .cache .coverage .ds_store .hypothesis .ipynb_checkpoints .mypy_cache .nox"
        " .pytest_cache .ruff_cache .tox __pycache__ node_modules thumbs.db"
    ),
    "a virtual environment": ".venv pyvenv.cfg site-packages venv",
    "what mldock keeps for one machine": ".mldock",
    "a trained model": (
        "*.cbm *.ckpt *.h5 *.joblib *.keras *.onnx *.pickle *.pkl *.pt *.pth *.safetensors"
        " *.tflite pytorch_model.bin"
    ),
}
# They show how to write the real one.
_EXAMPLES = {".env.dist", ".env.example", ".env.sample", ".env.template"}

_PATTERNS = {
    kind: re.compile("|".join(map(translate, patterns.split())))
    for kind, patterns in _KINDS.items()
}


def kind(path: str) -> str | None:
    """Return what a file looks like, from its own name and those of its folders."""
    return next(filter(None, map(_kind_of_part, path.lower().split("/"))), None)


# Most folders hold many files.
@lru_cache(maxsize=4096)
def _kind_of_part(part: str) -> str | None:
    if part in _EXAMPLES:
        return None
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.match(part)), None)
