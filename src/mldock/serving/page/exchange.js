// One request and its answer, which may come in parts.

const LINES = "application/jsonlines";

/**
 * Send a request, and yield what is known of its answer: `status`, the `id` under which the log
 * has it, and `value`, or `reason` for a failure. An answer in parts is yielded as it grows, and
 * `isWhole` when there is no more to come.
 */
export async function* exchange(address, { headers, body }, signal, mayHoldErrors) {
  const response = await fetch(address, { method: "POST", headers, body, signal });
  const { status } = response;
  const id = response.headers.get("X-Request-Id");
  if (response.ok && response.headers.get("Content-Type")?.startsWith(LINES)) {
    for await (const { parts, isWhole } of read(response)) {
      const { error } = parts.at(-1) ?? {};
      // The status was sent before the model failed.
      yield error && !mayHoldErrors
        ? { status: 500, id, reason: error }
        : { status, id, value: parts, isWhole };
    }
    return;
  }
  const text = await response.text();
  const told = response.ok ? { value: JSON.parse(text) } : { reason: reason(text) };
  yield { status, id, isWhole: true, ...told };
}

/** Yield the lines of an answer that are there so far. */
async function* read(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let isWhole = false; !isWhole; ) {
    const { done, value } = await reader.read();
    isWhole = done;
    text += done ? "\n" : value;
    const lines = text.split("\n").slice(0, -1).filter(Boolean);
    yield { parts: lines.map((line) => JSON.parse(line)), isWhole };
  }
}

/** Return what an error says; a gateway in between may say it without JSON. */
export function reason(text) {
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text || "The answer is empty.";
  }
}
