// The page where a person tries the model. All that it knows comes from the OpenAPI document.

import { showAnswer } from "./answer.js";
import { part, resolve } from "./elements.js";
import { exchange, reason } from "./exchange.js";
import { showFailure, showUnreachable } from "./failure.js";
import { offerFile } from "./file.js";
import { buildFields } from "./form.js";
import { copyProgram, showProgram } from "./program.js";
import { showReadiness, watchReadiness } from "./readiness.js";
import { Request } from "./request.js";
import { showRoutes } from "./routes.js";

const PATIENCE_MS = 1000;

const address = new URL("invocations", document.baseURI).href;
const api = await readDocument();
const { schemas } = api.components;
const { requestBody, responses } = api.paths["/invocations"].post;
const rowIn = (content) => resolve(content["application/jsonlines"].schema.contentSchema, schemas);
const answerRow = rowIn(responses[200].content);
const example = JSON.parse(requestBody.content["application/jsonlines"].example);
const request = new Request(buildFields(part("fields"), rowIn(requestBody.content), schemas));
let stopper = null;

/** Return the OpenAPI document; without it the page says why, and is nothing more. */
async function readDocument() {
  const answer = await fetch("openapi.json");
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text);
  part("description").textContent = reason(text);
  part("main").hidden = true;
  await watchReadiness();
  // Nothing below can go on.
  return new Promise(() => {});
}

async function predict(event) {
  event.preventDefault();
  if (stopper || !request.check()) return;
  stopper = new AbortController();
  setBusy(true);
  const start = performance.now();
  const waiting = setInterval(() => {
    tell("Waiting for the answer", false);
    part("elapsed").textContent = lengthOf(performance.now() - start);
  }, PATIENCE_MS);
  try {
    const mayHoldErrors = "error" in answerRow.properties;
    const { signal } = stopper;
    for await (const found of exchange(address, request.message, signal, mayHoldErrors)) {
      clearInterval(waiting);
      show(found, performance.now() - start);
    }
  } catch (error) {
    const isStopped = error.name === "AbortError";
    tell(isStopped ? "Stopped" : "No answer", true);
    if (isStopped) part("answer-body").replaceChildren("The request was stopped.");
    else showUnreachable(part("answer-body"), error);
  }
  clearInterval(waiting);
  setBusy(false);
  stopper = null;
  // A field that is wrong says so itself.
  if (document.activeElement.ariaInvalid !== "true") {
    part("answer").scrollIntoView({ block: "nearest" });
  }
  await showReadiness();
}

function show({ status, id, value, reason, isWhole }, took) {
  const isFailure = reason !== undefined;
  const verb = isFailure ? (status < 500 ? "Refused" : "Failed") : "Answered";
  const isOver = isFailure || isWhole;
  tell(isOver ? `${verb} in ${lengthOf(took)} (${status})` : "Answering", isFailure);
  if (!isFailure) {
    showAnswer(part("answer-body"), value, answerRow, schemas);
    return;
  }
  const meaning = responses[status]?.description;
  const fields = request.view === "form" ? request.fields : [];
  showFailure(part("answer-body"), { status, id, reason, meaning }, fields);
}

function tell(text, isFailure) {
  // Set anew, it would be read aloud anew.
  if (part("status").textContent !== text) part("status").textContent = text;
  part("elapsed").textContent = "";
  part("answer").classList.toggle("failed", isFailure);
}

function setBusy(isBusy) {
  part("answer").ariaBusy = String(isBusy);
  if (!isBusy && document.activeElement === part("stop")) part("predict").focus();
  part("stop").hidden = !isBusy;
}

const lengthOf = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

function refresh() {
  showProgram(address, request);
}

document.title = api.info.title;
part("title").textContent = api.info.title;
part("description").textContent = api.info.description;
showRoutes(part("routes"), api);
offerFile(Object.keys(requestBody.content));
request.fill(example);
refresh();

part("request").addEventListener("submit", predict);
part("request").addEventListener("input", refresh);
part("request-as").addEventListener("change", ({ target }) => {
  request.change(target.value);
  refresh();
});
part("program-in").addEventListener("change", refresh);
part("copy").addEventListener("click", copyProgram);
part("stop").addEventListener("click", () => stopper?.abort());
part("example").addEventListener("click", () => {
  request.fill(example);
  refresh();
});
await watchReadiness();
