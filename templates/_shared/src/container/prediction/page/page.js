// The page where a person tries the model. All that it knows comes from the OpenAPI document.

import { showAnswer, showFailure } from "./answer.js";
import { part, resolve } from "./elements.js";
import { buildFields } from "./form.js";
import { Request } from "./request.js";
import { showRoutes } from "./routes.js";
import { curl, python } from "./snippets.js";

const JSON_TYPE = "application/json";
const LINES = "application/jsonlines";
const PING_EVERY_MS = 5000;

const address = new URL("invocations", document.baseURI).href;
const found = await fetch("openapi.json");
const api = await found.json();
if (!found.ok) part("description").textContent = api.error;
const { schemas } = api.components;
const { requestBody, responses } = api.paths["/invocations"].post;
const rowIn = (content) => resolve(content[LINES].schema.contentSchema, schemas);
const answerRow = rowIn(responses[200].content);
const example = requestBody.content[JSON_TYPE].examples["one row"].value;
const request = new Request(buildFields(part("fields"), rowIn(requestBody.content), schemas));

async function predict(event) {
  event.preventDefault();
  if (part("answer").ariaBusy === "true" || !request.check()) return;
  const { body } = request;
  part("answer").ariaBusy = "true";
  const start = performance.now();
  const tell = (status) => {
    part("status").textContent = `${status}, ${Math.round(performance.now() - start)} ms`;
  };
  try {
    const headers = { "Content-Type": JSON_TYPE };
    await show(await fetch(address, { method: "POST", headers, body }), tell);
  } catch (error) {
    tell("No answer");
    fail(`The server cannot be reached, or stopped in the middle: ${error.message}.`, "");
  }
  part("answer").ariaBusy = "false";
  part("answer").scrollIntoView({ block: "nearest" });
}

async function show(response, tell) {
  if (response.ok && response.headers.get("Content-Type")?.startsWith(LINES)) {
    await showStream(response, tell);
    return;
  }
  const text = await response.text();
  tell(response.status);
  if (response.ok) succeed(JSON.parse(text));
  else fail(reason(text), responses[response.status]?.description ?? "");
}

/** Show the parts of an answer as they come. */
async function showStream(response, tell) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let isWhole = false; !isWhole; ) {
    const { done, value } = await reader.read();
    isWhole = done;
    text += done ? "\n" : value;
    const lines = text.split("\n").slice(0, -1).filter(Boolean);
    const parts = lines.map((line) => JSON.parse(line));
    succeed(parts);
    tell(response.status);
    const { error } = parts.at(-1) ?? {};
    // The status was sent before the model failed.
    if (error && !("error" in answerRow.properties)) fail(error, responses[500].description);
  }
}

function succeed(answer) {
  part("answer").classList.remove("failed");
  showAnswer(part("answer-body"), answer, answerRow, schemas);
}

function fail(text, meaning) {
  part("answer").classList.add("failed");
  showFailure(part("answer-body"), text, meaning, request.isForm ? request.fields : []);
}

/** Return what an error says; a gateway in between may say it without JSON. */
function reason(text) {
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text || "The answer is empty.";
  }
}

function showProgram() {
  try {
    const write = part("program-in-curl").checked ? curl : python;
    part("program").textContent = write(address, request.body);
  } catch {
    // Half written: the last whole one stays.
  }
}

function copy() {
  getSelection().selectAllChildren(part("program"));
  // navigator.clipboard is only there with TLS, or for localhost.
  document.execCommand("copy");
  part("copied").textContent = "Copied";
  setTimeout(() => (part("copied").textContent = ""), 2000);
}

async function ping() {
  const text = await fetch("ping").then(
    async (answer) => (answer.ok ? "Ready" : `Not ready: ${reason(await answer.text())}`),
    () => "Not ready: the server cannot be reached.",
  );
  const readiness = part("readiness");
  readiness.classList.toggle("ready", text === "Ready");
  // The same words anew would be read aloud again.
  if (readiness.textContent !== text) readiness.textContent = text;
}

document.title = api.info.title;
part("title").textContent = api.info.title;
part("description").textContent = api.info.description;
showRoutes(part("routes"), api);
request.fill(example);
showProgram();

part("request").addEventListener("submit", predict);
part("request").addEventListener("input", showProgram);
part("request-as").addEventListener("change", () => request.change());
part("request-as").addEventListener("change", showProgram);
part("program-in").addEventListener("change", showProgram);
part("copy").addEventListener("click", copy);
part("example").addEventListener("click", () => {
  request.fill(example);
  showProgram();
});
setInterval(() => document.hidden || ping(), PING_EVERY_MS);
await ping();
