"""FastAPI as somebody writes it who wants speed: no model of the body, orjson both ways."""
# Found in the peer's environment only.
# mypy: disable-error-code="import-not-found, import-untyped, misc, untyped-decorator"

from __future__ import annotations

import orjson
from fastapi import FastAPI, Request, Response

from benchmarks.peers.model import load

app = FastAPI()
predict = load()


@app.post("/invocations")
async def invocations(request: Request) -> Response:
    """Answer rows with labels."""
    rows = orjson.loads(await request.body())["instances"]
    content = orjson.dumps({"predictions": predict(rows)})
    return Response(content, media_type="application/json")
