// The routes of the server, with what they take and what they answer.

import { make } from "./elements.js";

/** Show the routes of an OpenAPI document. */
export function showRoutes(container, api) {
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, route] of Object.entries(methods)) {
      container.append(showRoute(method.toUpperCase(), path, route));
    }
  }
}

function showRoute(method, path, { summary, description, requestBody, responses }) {
  const title = make("h3", {}, make("span", { className: "method" }, method), ` ${path}`);
  const types = make("dl", { className: "types" });
  const { 200: answered, ...failures } = responses;
  for (const [name, content] of [["Takes", requestBody?.content], ["Answers", answered.content]]) {
    const codes = Object.keys(content ?? {}).map((type) => make("code", {}, type));
    if (codes.length) types.append(make("dt", {}, name), make("dd", {}, ...codes));
  }
  const text = [`${summary}.`, description].filter(Boolean).join(" ");
  const route = make("article", {}, title, make("p", {}, text), types);
  if (Object.keys(failures).length) {
    const meanings = Object.entries(failures).flatMap(([status, failure]) => [
      make("dt", {}, status),
      make("dd", {}, failure.description),
    ]);
    const list = make("dl", { className: "statuses" }, ...meanings);
    route.append(make("details", {}, make("summary", {}, "What can fail"), list));
  }
  return route;
}
