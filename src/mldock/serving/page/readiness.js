// Whether the server is ready, asked again and again.

import { part } from "./elements.js";
import { reason } from "./exchange.js";

const PING_EVERY_MS = 5000;

/** Show the readiness, as long as the page is looked at. */
export async function watchReadiness() {
  const look = () => document.hidden || showReadiness();
  setInterval(look, PING_EVERY_MS);
  document.addEventListener("visibilitychange", look);
  await showReadiness();
}

/** Show the readiness of this moment. */
export async function showReadiness() {
  const text = await fetch("ping").then(
    async (answer) => (answer.ok ? "Ready" : `Not ready: ${reason(await answer.text())}`),
    () => "Not ready: the server cannot be reached.",
  );
  const readiness = part("readiness");
  readiness.classList.toggle("ready", text === "Ready");
  // The same words anew would be read aloud again.
  if (readiness.textContent !== text) readiness.textContent = text;
}
