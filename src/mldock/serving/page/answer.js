// The answer: fields of a row one below the other, many rows as a table.

import { cell } from "./cells.js";
import { make, pretty, resolve } from "./elements.js";

const ROWS_SHOWN = 200;
const LETTERS_SHOWN = 20_000;

/** Show one answer, or many. */
export function showAnswer(container, value, row, schemas) {
  const rows = value?.predictions ?? value;
  const schemaOf = (name) => resolve(row.properties?.[name] ?? {}, schemas);
  const show = (name, one) => cell(name, one, schemaOf(name), schemas);
  const shown = Array.isArray(rows) ? table(rows, show) : sheet(rows, show);
  container.replaceChildren(shown, asSent(value));
}

function sheet(row, show) {
  const list = make("dl", { className: "sheet" });
  for (const [name, value] of Object.entries(row)) {
    list.append(make("dt", {}, name), make("dd", {}, show(name, value)));
  }
  return list;
}

function table(rows, show) {
  if (!rows.length) return make("p", { className: "note" }, "The answer has no rows.");
  const some = rows.slice(0, ROWS_SHOWN);
  const names = [...new Set(some.flatMap(Object.keys))];
  const heads = ["row", ...names].map((name) => make("th", { scope: "col" }, name));
  const body = some.map((row, index) => {
    const cells = names.map((name) => make("td", {}, name in row ? show(name, row[name]) : ""));
    return make("tr", {}, make("th", { scope: "row" }, String(index + 1)), ...cells);
  });
  const head = make("thead", {}, make("tr", {}, ...heads));
  const content = make("table", {}, head, make("tbody", {}, ...body));
  const properties = { className: "scroll", tabIndex: 0, role: "group", ariaLabel: "Answers" };
  const count =
    rows.length > some.length
      ? `The first ${some.length} of ${rows.length} rows; the file below has all.`
      : `${rows.length} ${rows.length === 1 ? "row" : "rows"}`;
  const note = make("p", { className: "note" }, count);
  return make("div", {}, make("div", properties, content), note);
}

/** Show the answer as a program gets it, and let it be saved. */
function asSent(value) {
  const text = pretty(value);
  const part = text.length > LETTERS_SHOWN ? `${text.slice(0, LETTERS_SHOWN)}\n…` : text;
  const shown = make("pre", { tabIndex: 0, role: "group", ariaLabel: "JSON" }, part);
  const save = make("a", { href: "#", download: "answer.json" }, "Save as answer.json");
  save.addEventListener("click", () => {
    save.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    // Once the browser has begun to read it.
    setTimeout(() => URL.revokeObjectURL(save.href), 1000);
  });
  return make("details", {}, make("summary", {}, "As it was sent"), shown, make("p", {}, save));
}
