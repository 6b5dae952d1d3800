// One value of an answer as a person reads it: words, numbers, bars, pictures.

import { make, resolve } from "./elements.js";
import { decode, describePixels, paint } from "./picture.js";

const BARS_SHOWN = 10;

/** Return the element that shows a value; `schema` is what the document says of it. */
export function cell(name, value, schema, schemas) {
  if (value === null) return make("span", { className: "none" }, "none");
  const pixels = schema["x-image"];
  if (pixels && Array.isArray(value)) {
    return paint(canvas(name, describePixels(pixels)), value, pixels);
  }
  if (schema.contentMediaType?.startsWith("image/")) return picture(name, value, schema);
  if (typeof value === "number" && isShare(name, value, schema)) return bar(name, value);
  if (typeof value === "number") return make("span", { title: value }, rounded(value));
  if (typeof value === "object") return nested(name, value, schema, schemas);
  return make("span", {}, String(value));
}

/** Show what has parts: shares as bars with the largest first, numbers in a list as JSON. */
function nested(name, value, schema, schemas) {
  const inner = (key) =>
    resolve(schema.properties?.[key] ?? schema.additionalProperties ?? schema.items ?? {}, schemas);
  const entries = Object.entries(value);
  const isList = Array.isArray(value);
  const areShares = entries.every(([key, one]) =>
    isList ? isShare(name, one, inner(key)) : isPart(one),
  );
  if (isList && !(areShares && value.length)) return make("span", {}, JSON.stringify(value));
  if (!areShares) {
    return list(entries.map(([key, one]) => [key, cell(key, one, inner(key), schemas)]));
  }
  const sorted = entries.sort(([, one], [, other]) => other - one);
  const bars = sorted.map(([key, one]) => [key, bar(key, one)]);
  if (bars.length <= BARS_SHOWN) return list(bars);
  const rest = bars.splice(BARS_SHOWN);
  const summary = make("summary", {}, `${rest.length} more`);
  return make("div", {}, list(bars), make("details", {}, summary, list(rest)));
}

function list(entries) {
  const parts = entries.flatMap(([key, shown]) => [make("dt", {}, key), make("dd", {}, shown)]);
  return make("dl", { className: "shares" }, ...parts);
}

/** Say whether a number is a part of one: its bounds say it, or its name. */
function isShare(name, value, schema) {
  if (!isPart(value)) return false;
  if (schema.minimum === 0 && schema.maximum === 1) return true;
  return /probabilit|confidence|score/i.test(name);
}

const isPart = (value) => typeof value === "number" && value >= 0 && value <= 1;

function bar(name, value) {
  const meter = make("meter", { min: 0, max: 1, value, ariaLabel: name });
  return make("span", { className: "bar", title: value }, make("span", {}, percent(value)), meter);
}

/** Return a share in per cent; only what is none or all of it is told as that. */
function percent(value) {
  if (value > 0 && value < 0.001) return "< 0.1 %";
  if (value < 1 && value > 0.999) return "> 99.9 %";
  return `${Number((100 * value).toFixed(1))} %`;
}

function rounded(value) {
  return String(Number(Math.abs(value) < 1 ? value.toPrecision(4) : value.toFixed(4)));
}

function picture(name, value, schema) {
  const element = canvas(name, "picture");
  decode(element, value, schema.contentMediaType).catch(() =>
    element.replaceWith(make("span", {}, "This is no picture that the browser can read.")),
  );
  return element;
}

function canvas(name, what) {
  return make("canvas", { className: "picture", role: "img", ariaLabel: `${name}: ${what}` });
}
