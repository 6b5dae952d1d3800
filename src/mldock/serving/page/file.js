// A file that is sent as it is: rows, or whatever else the model takes.

import { make, part } from "./elements.js";
import { show } from "./picture.js";

const TYPES = {
  arrow: "application/vnd.apache.arrow.stream",
  csv: "text/csv",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  jsonl: "application/jsonlines",
  ndjson: "application/jsonlines",
  npy: "application/x-npy",
  parquet: "application/vnd.apache.parquet",
};
const READABLE = /json|^text\//;
const LETTERS_SHOWN = 2000;

/** Offer the content types that the server takes. */
export function offerFile(types) {
  part("file-type").replaceChildren(...types.map((type) => new Option(type)));
  part("file-choice").addEventListener("change", () => choose(types));
}

/** Return the file that was chosen, or undefined. */
export const chosen = () => part("file-choice").files[0];

/** Say what is wrong with the choice, or "". */
export function failFile(message) {
  part("file-fault").textContent = message;
  part("file-choice").ariaInvalid = message ? "true" : null;
  if (message) part("file-choice").focus();
}

async function choose(types) {
  failFile("");
  const file = chosen();
  part("file-preview").replaceChildren();
  if (!file) return;
  const ending = file.name.split(".").at(-1).toLowerCase();
  const type = [TYPES[ending], file.type].find((one) => types.includes(one));
  if (type) part("file-type").value = type;
  // The program shows the content type.
  part("file-type").dispatchEvent(new Event("input", { bubbles: true }));
  part("file-preview").replaceChildren(...(await preview(file)));
}

/** Return what a person recognizes a file by. */
async function preview(file) {
  const note = make("p", { className: "note" }, `${file.name}, ${sizeOf(file)}`);
  if (file.type.startsWith("image/")) {
    const canvas = make("canvas", { className: "picture", role: "img", ariaLabel: file.name });
    return show(canvas, file).then(
      () => [canvas, note],
      () => [note],
    );
  }
  if (!READABLE.test(part("file-type").value)) return [note];
  const text = await file.slice(0, LETTERS_SHOWN).text();
  const more = file.size > LETTERS_SHOWN ? "…" : "";
  const beginning = { tabIndex: 0, role: "group", ariaLabel: "Beginning of the file" };
  return [make("pre", beginning, text + more), note];
}

function sizeOf({ size }) {
  if (size < 1000) return `${size} bytes`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
