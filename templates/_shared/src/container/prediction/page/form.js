// The form: one field for each field of a row, as its schema says.

import { make, pretty, resolve } from "./elements.js";

const TEXT_INPUTS = { date: "date", email: "email", uri: "url" };
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

/**
 * Build one field. It has `read()`, which returns a value, undefined for none, or throws; `write`;
 * and `fail`, which shows what is wrong with the value.
 */
function buildField(name, schema, isRequired) {
  const { input, read, write } = buildInput(schema, isRequired);
  const id = `field-${name}`;
  const fault = make("p", { id: `${id}-fault`, className: "fault" });
  const hint = make("p", { id: `${id}-hint`, className: "note" }, schema.description ?? "");
  const text = limitsOf(schema, isRequired);
  const limits = make("span", { id: `${id}-limits`, className: "note" }, text);
  const label = make("label", { htmlFor: id }, name);
  const head = make("div", { className: "name" }, label, limits);
  const element = make("div", { className: "field" }, head);
  element.classList.toggle("wide", input.localName === "textarea");
  element.append(input, ...(schema.description ? [hint] : []), fault);
  input.id = id;
  const about = [limits, hint, fault].filter((part) => element.contains(part));
  input.setAttribute("aria-describedby", about.map((part) => part.id).join(" "));
  const fail = (message) => {
    fault.textContent = message;
    input.ariaInvalid = message ? "true" : null;
  };
  return { name, element, input, read, write, fail };
}

function buildInput(schema, isRequired) {
  const choices = schema.enum ?? ("const" in schema ? [schema.const] : null);
  if (choices) return buildSelect(choices, schema, isRequired);
  if (schema.type === "boolean" && schema.nullable) return buildSelect([false, true], schema, true);
  if (schema.type === "boolean") {
    const input = make("input", { type: "checkbox" });
    return { input, read: () => input.checked, write: (value) => (input.checked = value) };
  }
  const absent = schema.nullable ? null : undefined;
  if (schema.type === "number" || schema.type === "integer") {
    const input = make("input", { type: "number", step: schema.multipleOf ?? "any" });
    if (schema.type === "integer") input.step = schema.multipleOf ?? 1;
    input.min = schema.minimum ?? schema.exclusiveMinimum ?? "";
    input.max = schema.maximum ?? schema.exclusiveMaximum ?? "";
    const read = () => {
      if (input.validity.badInput) throw new Error("This is not a number.");
      return input.value === "" ? absent : Number(input.value);
    };
    return { input, read, write: (value) => (input.value = value ?? "") };
  }
  if (schema.type === "string") {
    const input = make("input", { type: TEXT_INPUTS[schema.format] ?? "text" });
    const none = isRequired && !schema.nullable ? "" : absent;
    const read = () => input.value || none;
    return { input, read, write: (value) => (input.value = value ?? "") };
  }
  const input = make("textarea", { rows: 2, spellcheck: false });
  const read = () => {
    if (!input.value.trim()) return absent;
    try {
      return JSON.parse(input.value);
    } catch (error) {
      throw new Error(`This is not JSON: ${error.message}`);
    }
  };
  return { input, read, write: (value) => (input.value = value == null ? "" : pretty(value)) };
}

function buildSelect(choices, { nullable, default: usual }, isRequired) {
  const mayBeAbsent = nullable || (!isRequired && usual === undefined);
  const options = mayBeAbsent ? [nullable ? null : undefined, ...choices] : choices;
  const input = make("select", {}, ...options.map((choice) => new Option(choice ?? "(none)")));
  const write = (value) => (input.selectedIndex = options.indexOf(value));
  return { input, read: () => options[input.selectedIndex], write };
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
