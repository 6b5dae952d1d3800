// The form: one field for each field of a row, as its schema says.

import { make, resolve } from "./elements.js";
import { buildInput } from "./inputs.js";

const SIGNS = [
  ["minimum", "≥"],
  ["exclusiveMinimum", ">"],
  ["maximum", "≤"],
  ["exclusiveMaximum", "<"],
];

/** Build the fields of a row into a container, and return them. */
export function buildFields(container, row, schemas) {
  const required = new Set(row.required);
  const fields = Object.entries(row.properties).map(([name, schema]) =>
    buildField(name, resolve(schema, schemas), required.has(name)),
  );
  container.replaceChildren(...fields.map((field) => field.element));
  return fields;
}

/** Build one field: an input with `fail`, which shows what is wrong with the value. */
function buildField(name, schema, isRequired) {
  const id = `field-${name}`;
  const fault = make("p", { id: `${id}-fault`, className: "fault" });
  const fail = (message) => {
    fault.textContent = message;
    input.ariaInvalid = message ? "true" : null;
  };
  const { input, body = input, read, write } = buildInput(schema, isRequired, fail);
  const hint = make("p", { id: `${id}-hint`, className: "note" }, schema.description ?? "");
  const text = limitsOf(schema, isRequired);
  const limits = make("span", { id: `${id}-limits`, className: "note" }, text);
  const label = make("label", { htmlFor: id }, name);
  const head = make("div", { className: "name" }, label, limits);
  const element = make("div", { className: "field" }, head);
  element.classList.toggle("wide", input.localName === "textarea" || body !== input);
  element.append(body, ...(schema.description ? [hint] : []), fault);
  // What is being mended is no longer known to be wrong.
  element.addEventListener("input", () => fail(""));
  input.id = id;
  const about = [limits, hint, fault].filter((part) => element.contains(part));
  input.setAttribute("aria-describedby", about.map((part) => part.id).join(" "));
  return { name, element, input, read, write, fail };
}

/** Say in a few signs what a value must be. */
function limitsOf(schema, isRequired) {
  const { minimum, maximum, minItems, maxItems } = schema;
  const isRange = minimum !== undefined && maximum !== undefined;
  const given = SIGNS.filter(([key]) => key in schema);
  const signs = given.map(([key, sign]) => `${sign} ${schema[key]}`);
  const parts = isRange ? [`${minimum} to ${maximum}`] : signs;
  if (minItems && minItems === maxItems) parts.push(`${minItems} values`);
  if (!isRequired) parts.push("optional");
  return parts.join(", ");
}
