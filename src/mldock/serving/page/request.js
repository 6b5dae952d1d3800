// The request that a person writes: in a form, as JSON, or in a file.

import { part, pretty } from "./elements.js";
import { chosen, failFile } from "./file.js";

const JSON_TYPE = "application/json";
const VIEWS = { form: "fields", json: "raw", file: "file" };

export class Request {
  constructor(fields) {
    this.fields = fields;
    this.view = "form";
  }

  /** The row in the form; throws where a field holds no value of its kind. */
  get row() {
    const values = this.fields.map(({ name, read }) => [name, read()]);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  }

  set row(row) {
    for (const { name, write } of this.fields) write(row[name]);
  }

  /** The headers and the body, as they would be sent. */
  get message() {
    if (this.view === "file") {
      // Rows in CSV would be answered with CSV.
      const headers = { "Content-Type": part("file-type").value, Accept: JSON_TYPE };
      return { headers, body: chosen() };
    }
    const body = this.view === "form" ? pretty(this.row) : part("raw-body").value;
    return { headers: { "Content-Type": JSON_TYPE }, body };
  }

  /** Put the example in. */
  fill(example) {
    this.row = example;
    part("raw-body").value = pretty(example);
    this.clear();
  }

  /** Forget what was wrong. */
  clear() {
    for (const { fail } of this.fields) fail("");
    failFile("");
  }

  /** Say what is wrong where it is, and return whether the request can be sent. */
  check() {
    this.clear();
    if (this.view === "file" && !chosen()) failFile("Choose a file first.");
    if (this.view === "file") return Boolean(chosen());
    const wrong = this.fields.filter(({ read, fail }) => {
      try {
        return this.view === "form" && read() && false;
      } catch (error) {
        fail(error.message);
        return true;
      }
    });
    wrong[0]?.input.focus();
    return !wrong.length;
  }

  /** Show another view; the form and the JSON show the same row as far as it can be read. */
  change(view) {
    try {
      if (this.view === "form") part("raw-body").value = pretty(this.row);
      if (this.view === "json") {
        const row = JSON.parse(part("raw-body").value);
        // What has no field of a row is not one row, and does not fit into the form.
        if (this.fields.some(({ name }) => name in row)) this.row = row;
      }
    } catch {
      // Half written: the other view keeps what it has.
    }
    this.view = view;
    for (const [name, id] of Object.entries(VIEWS)) part(id).hidden = name !== view;
    part("example").hidden = view === "file";
  }
}
