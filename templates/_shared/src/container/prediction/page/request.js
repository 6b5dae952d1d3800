// The request that a person writes, in a form or as JSON; both show the same row.

import { part, pretty } from "./elements.js";

export class Request {
  constructor(fields) {
    this.fields = fields;
  }

  get isForm() {
    return part("request-as-form").checked;
  }

  /** The row in the form; throws where a field holds no value of its kind. */
  get row() {
    const values = this.fields.map(({ name, read }) => [name, read()]);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  }

  set row(row) {
    for (const { name, write } of this.fields) write(row[name]);
  }

  /** The body, as it would be sent. */
  get body() {
    return this.isForm ? pretty(this.row) : part("raw-body").value;
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
  }

  /** Say beside each field what is wrong if it holds no value; return whether all hold one. */
  check() {
    this.clear();
    const wrong = this.fields.filter(({ read, fail }) => {
      try {
        return this.isForm && read() && false;
      } catch (error) {
        fail(error.message);
        return true;
      }
    });
    wrong[0]?.input.focus();
    return !wrong.length;
  }

  /** Show the form or the JSON, with what was written in the other as far as it can be read. */
  change() {
    try {
      const row = this.isForm && JSON.parse(part("raw-body").value);
      // What has no field of a row is not one row, and does not fit into the form.
      if (!row) part("raw-body").value = pretty(this.row);
      else if (this.fields.some(({ name }) => name in row)) this.row = row;
    } catch {
      // Half written: the other view keeps what it has.
    }
    part("fields").hidden = !this.isForm;
    part("raw").hidden = this.isForm;
  }
}
