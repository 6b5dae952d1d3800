// The card that shows the request as a program, and copies it.

import { part } from "./elements.js";
import { curl, python } from "./snippets.js";

const SAID_FOR_MS = 4000;

/** Show what would be sent. */
export function showProgram(address, request) {
  try {
    const write = part("program-in-curl").checked ? curl : python;
    part("program").textContent = write(address, request.message);
  } catch {
    // Half written: the last whole one stays.
  }
}

/** Copy the program, and say so. */
export function copyProgram() {
  getSelection().selectAllChildren(part("program"));
  // navigator.clipboard is only there with TLS, or for localhost.
  const isCopied = document.execCommand("copy");
  const said = isCopied ? "Copied" : "Not copied: the browser forbids it. The text is selected.";
  part("copied").textContent = said;
  setTimeout(() => (part("copied").textContent = ""), SAID_FOR_MS);
}
