// The input for a value, as its schema says.

import { make, pretty } from "./elements.js";
import { buildPicture, buildPixels } from "./picture_inputs.js";

const TEXT_INPUTS = { date: "date", email: "email", uri: "url" };

/**
 * Build the input of a field. It has `input`, which has the focus, and `body` where there is more
 * to show; `read()`, which returns a value, undefined for none, or throws; and `write`.
 */
export function buildInput(schema, isRequired, fail) {
  const choices = schema.enum ?? ("const" in schema ? [schema.const] : null);
  if (choices) return buildSelect(choices, schema, isRequired);
  if (schema.type === "boolean" && schema.nullable) return buildSelect([false, true], schema, true);
  if (schema.type === "boolean") return buildCheckbox();
  const absent = schema.nullable ? null : undefined;
  if (schema.type === "number" || schema.type === "integer") return buildNumber(schema, absent);
  const none = isRequired && !schema.nullable ? "" : absent;
  if (schema.type === "string") {
    if (schema.contentMediaType?.startsWith("image/")) return buildPicture(schema, none, fail);
    return buildText(TEXT_INPUTS[schema.format] ?? "text", none);
  }
  const json = buildJson(absent);
  return schema["x-image"] ? buildPixels(json, schema["x-image"], fail) : json;
}

function buildSelect(choices, { nullable, default: usual }, isRequired) {
  const mayBeAbsent = nullable || (!isRequired && usual === undefined);
  const options = mayBeAbsent ? [nullable ? null : undefined, ...choices] : choices;
  const input = make("select", {}, ...options.map((choice) => new Option(choice ?? "(none)")));
  const write = (value) => (input.selectedIndex = options.indexOf(value));
  return { input, read: () => options[input.selectedIndex], write };
}

function buildCheckbox() {
  const input = make("input", { type: "checkbox" });
  return { input, read: () => input.checked, write: (value) => (input.checked = value) };
}

function buildNumber(schema, absent) {
  const step = schema.multipleOf ?? (schema.type === "integer" ? 1 : "any");
  const input = make("input", { type: "number", step });
  input.min = schema.minimum ?? schema.exclusiveMinimum ?? "";
  input.max = schema.maximum ?? schema.exclusiveMaximum ?? "";
  const read = () => {
    if (input.validity.badInput) throw new Error("This is not a number.");
    return input.value === "" ? absent : Number(input.value);
  };
  return { input, read, write: (value) => (input.value = value ?? "") };
}

function buildText(type, none) {
  const input = make("input", { type });
  const write = (value) => (input.value = value ?? "");
  return { input, read: () => input.value || none, write };
}

function buildJson(absent) {
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
