// A failure in plain words: what it is, where, and what to do next.

import { make } from "./elements.js";

const NEXT = {
  400: "Correct the request, and predict again.",
  406: "Routes, on this page, lists what the server answers with.",
  415: "Choose one of the content types that Routes, on this page, lists.",
  422: "Correct what is named, and predict again.",
  500: "Look into the log of the server: it has the traceback of this request.",
  502: "Predict again when the page says Ready.",
  503: "Predict again when the page says Ready.",
};
const UNREACHABLE = {
  meaning: "The server cannot be reached, or stopped in the middle.",
  next:
    "See whether it still runs (on your machine, nox -s serve starts it), and predict again when " +
    "the page says Ready. A request that is too large may end like this too.",
};

/** Show why a request was not answered; `fields` are marked where they are named. */
export function showFailure(container, { status, id, reason, meaning }, fields) {
  const faults = reason.split(/; (?=row \d+[, ]|and \d+ more)/);
  const next = NEXT[status] ?? "";
  container.replaceChildren(
    make("p", {}, meaning ?? ""),
    make("ul", { className: "faults" }, ...faults.map((fault) => make("li", {}, fault))),
    make("p", {}, next),
    make("p", { className: "note" }, id ? `In the log: request_id ${id}` : ""),
  );
  mark(faults, fields);
}

/** Show that there was no answer. */
export function showUnreachable(container, error) {
  container.replaceChildren(
    make("p", {}, UNREACHABLE.meaning),
    make("ul", { className: "faults" }, make("li", {}, error.message)),
    make("p", {}, UNREACHABLE.next),
  );
}

/** Put what is said of a field of the only row beside it; the first has the focus. */
function mark(faults, fields) {
  const wrong = faults.flatMap((fault) => {
    const [, path, message] = fault.match(/^row 1, (.+?): (.*)$/s) ?? [];
    const field = fields.find(({ name }) => path === name || path?.startsWith(`${name}.`));
    if (!field) return [];
    const within = path.slice(field.name.length + 1);
    const place = /^\d+$/.test(within) ? `value ${Number(within) + 1}` : within;
    field.fail([place, message].filter(Boolean).join(": "));
    return field;
  });
  wrong[0]?.input.focus();
}
