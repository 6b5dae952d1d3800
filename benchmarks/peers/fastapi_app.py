"""FastAPI as its documentation teaches it: pydantic checks the body and the answer."""
# Found in the peer's environment only.
# mypy: disable-error-code="import-not-found, import-untyped, misc, untyped-decorator"

from fastapi import FastAPI
from pydantic import BaseModel

from benchmarks.peers.model import load


class Question(BaseModel):
    """The body of a request."""

    instances: list[list[float]]


class Answer(BaseModel):
    """The body of an answer."""

    predictions: list[str | int]


app = FastAPI()
predict = load()


# On the loop: a thread for each request would be slower.
@app.post("/invocations")
async def invocations(question: Question) -> Answer:
    """Answer rows with labels."""
    return Answer(predictions=predict(question.instances))
