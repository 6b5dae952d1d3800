// The request as a person would write it in a shell or in Python.

/** Return a command for a shell. */
export function curl(url, body) {
  const quoted = body.replaceAll("'", "'\\''");
  return `curl ${url} \\\n  -H 'Content-Type: application/json' \\\n  -d '${quoted}'`;
}

/** Return a program for Python. */
export function python(url, body) {
  return [
    "import requests",
    "",
    "response = requests.post(",
    `    "${url}",`,
    `    json=${literal(JSON.parse(body), "    ")},`,
    "    timeout=60,",
    ")",
    "response.raise_for_status()",
    "print(response.json())",
  ].join("\n");
}

function literal(value, indent) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const deeper = `${indent}    `;
  const parts = Object.entries(value).map(([key, one]) =>
    (Array.isArray(value) ? "" : `${JSON.stringify(key)}: `) + literal(one, deeper),
  );
  const isPlain = Array.isArray(value) && value.every((one) => typeof one !== "object");
  if (isPlain || !parts.length) return open + parts.join(", ") + close;
  return `${open}\n${parts.map((part) => `${deeper}${part},\n`).join("")}${indent}${close}`;
}
