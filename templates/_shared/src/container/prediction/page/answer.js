// The answer: fields of a row as words and bars, many rows as a table, failures in plain words.

import { make, pretty, resolve } from "./elements.js";

/** Show one answer, or many. */
export function showAnswer(container, value, row, schemas) {
  const rows = value?.predictions ?? value;
  const fields = row.properties ?? {};
  const schemaOf = (name) => resolve(fields[name] ?? {}, schemas);
  const shown = Array.isArray(rows) ? table(rows, schemaOf) : sheet(rows, schemaOf);
  const text = make("pre", { tabIndex: 0, role: "group", ariaLabel: "JSON" }, pretty(value));
  const sent = make("details", {}, make("summary", {}, "As it was sent"), text);
  container.replaceChildren(shown, sent);
}

function sheet(row, schemaOf) {
  const list = make("dl", { className: "sheet" });
  for (const [name, value] of Object.entries(row)) {
    list.append(make("dt", {}, name), make("dd", {}, cell(name, value, schemaOf(name))));
  }
  return list;
}

function table(rows, schemaOf) {
  const names = [...new Set(rows.flatMap(Object.keys))];
  const heads = ["row", ...names].map((name) => make("th", { scope: "col" }, name));
  const body = rows.map((row, index) => {
    const cells = names.map((name) =>
      make("td", {}, name in row ? cell(name, row[name], schemaOf(name)) : ""),
    );
    return make("tr", {}, make("th", { scope: "row" }, String(index + 1)), ...cells);
  });
  const head = make("thead", {}, make("tr", {}, ...heads));
  const content = make("table", {}, head, make("tbody", {}, ...body));
  const properties = { className: "scroll", tabIndex: 0, role: "group", ariaLabel: "Answers" };
  return make("div", properties, content);
}

function cell(name, value, schema) {
  if (typeof value === "number" && isShare(name, value, schema)) return bar(name, value);
  if (typeof value === "number") return make("span", { title: value }, rounded(value));
  if (value && typeof value === "object" && !Array.isArray(value)) {
    const values = Object.entries(value);
    const inner = schema.additionalProperties ?? {};
    const areShares = values.every(([, one]) => one >= 0 && one <= 1);
    const sorted = areShares ? values.sort(([, one], [, other]) => other - one) : values;
    const list = make("dl", { className: "shares" });
    for (const [key, one] of sorted) {
      const shown = areShares ? bar(key, one) : cell(key, one, inner);
      list.append(make("dt", {}, key), make("dd", {}, shown));
    }
    return list;
  }
  return make("span", {}, typeof value === "string" ? value : JSON.stringify(value));
}

/** Say whether a number is a part of one: its bounds say it, or its name. */
function isShare(name, value, schema) {
  if (schema.minimum === 0 && schema.maximum === 1) return true;
  return /probability|confidence|score/i.test(name) && value >= 0 && value <= 1;
}

function bar(name, value) {
  const meter = make("meter", { min: 0, max: 1, value, ariaLabel: name });
  return make("span", { className: "bar", title: value }, make("span", {}, rounded(value)), meter);
}

function rounded(value) {
  return String(Number(Math.abs(value) < 1 ? value.toPrecision(4) : value.toFixed(4)));
}

/** Show a failure, and put what is said of a field of the only row beside it. */
export function showFailure(container, text, meaning, fields) {
  const faults = text.split(/; (?=row \d+[, ]|and \d+ more)/);
  container.replaceChildren(
    make("ul", { className: "faults" }, ...faults.map((fault) => make("li", {}, fault))),
    make("p", { className: "note" }, meaning),
  );
  const wrong = faults.flatMap((fault) => {
    const [, path, message] = fault.match(/^row 1, (.+?): (.*)$/s) ?? [];
    const field = fields.find(({ name }) => path === name || path?.startsWith(`${name}.`));
    if (!field) return [];
    field.fail([path.slice(field.name.length + 1), message].filter(Boolean).join(": "));
    return field;
  });
  wrong[0]?.input.focus();
}
