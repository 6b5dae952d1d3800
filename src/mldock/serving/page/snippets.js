// The request as a person would write it in a shell or in Python.

const FILE = "FILE";

/** Return a command for a shell. */
export function curl(url, { headers, body }) {
  const lines = Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`);
  const isText = typeof body === "string";
  lines.push(isText ? `-d ${quoted(body)}` : `--data-binary ${quoted(`@${body?.name ?? FILE}`)}`);
  return [`curl ${url}`, ...lines].join(" \\\n  ");
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Return a program for Python. */
export function python(url, { headers, body }) {
  const sent =
    typeof body === "string"
      ? [`    json=${literal(JSON.parse(body), "    ")},`]
      : [
          `    data=Path(${literal(body?.name ?? FILE)}).read_bytes(),`,
          `    headers=${literal(headers, "    ")},`,
        ];
  return [
    ...(typeof body === "string" ? [] : ["from pathlib import Path", ""]),
    "import requests",
    "",
    "response = requests.post(",
    `    "${url}",`,
    ...sent,
    "    timeout=60,",
    ")",
    // What is wrong stands in the answer, which raise_for_status would not show.
    "print(response.status_code, response.json())",
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
