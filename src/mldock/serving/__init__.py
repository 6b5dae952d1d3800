"""The server: what `src/prediction.py`, the trainer and the files of `container/prediction` import.

nginx takes the requests, gunicorn's workers answer them with the model, and Flask serves every
route of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldock.lazy import lazy_names

if TYPE_CHECKING:
    from mldock.serving.application import Application, Route, Routes, invocations, ping
    from mldock.serving.loading import load
    from mldock.serving.messages import RequestError
    from mldock.serving.pages import add_json_errors, batch_limits, docs_blueprint
    from mldock.serving.service import (
        ArrayService,
        BaseService,
        Decoders,
        ModelService,
        StreamService,
    )
    from mldock.serving.supervisor import Server
else:
    __getattr__ = lazy_names(
        __name__,
        application=["Application", "Route", "Routes", "invocations", "ping"],
        loading=["load"],
        messages=["RequestError"],
        pages=["add_json_errors", "batch_limits", "docs_blueprint"],
        supervisor=["Server"],
        service=["ArrayService", "BaseService", "Decoders", "ModelService", "StreamService"],
    )

__all__ = [
    "Application",
    "ArrayService",
    "BaseService",
    "Decoders",
    "ModelService",
    "RequestError",
    "Route",
    "Routes",
    "Server",
    "StreamService",
    "add_json_errors",
    "batch_limits",
    "docs_blueprint",
    "invocations",
    "load",
    "ping",
]
