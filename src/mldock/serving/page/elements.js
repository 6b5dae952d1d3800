// Small things that the other modules make pages of.

/** Return the element of the page that has an id. */
export const part = (id) => document.getElementById(id);

/** Return an element with properties and children; text stays text, whatever it holds. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Return JSON as a person would lay it out: lists of plain values on one line. */
export function pretty(value) {
  // Line ends are never part of a text in JSON, so only what stands beside one is layout.
  const inline = (list) =>
    list.replace(/^\[\n\s*/, "[").replace(/\n\s*\]$/, "]").replace(/\n\s*/g, " ");
  return JSON.stringify(value, null, 2).replace(/\[\n[^[\]{}]*\]/g, inline);
}

/** Return the schema behind references and behind "or nothing". */
export function resolve(schema, schemas) {
  const { $ref, anyOf, ...own } = schema;
  if ($ref) return { ...resolve(schemas[$ref.split("/").at(-1)], schemas), ...own };
  const options = anyOf?.filter((option) => option.type !== "null") ?? [];
  if (options.length !== 1) return schema;
  return { ...resolve(options[0], schemas), ...own, nullable: options.length < anyOf.length };
}
