"""The application of a bring-your-own container: Flask, and pandas for CSV both ways."""
# Found in the peer's environment only.
# mypy: disable-error-code="import-not-found, import-untyped"

from __future__ import annotations

import io

import pandas as pd
from flask import Flask, Response, request

from benchmarks.peers.model import load

app = Flask(__name__)
predict = load()


@app.post("/invocations")
def invocations() -> Response:
    """Answer lines of CSV with a label each."""
    table = pd.read_csv(io.StringIO(request.get_data(as_text=True)), header=None)
    labels = pd.DataFrame({"label": predict(table)})
    return Response(labels.to_csv(header=False, index=False), mimetype="text/csv")
