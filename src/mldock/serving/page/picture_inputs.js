// Inputs for pictures: pixels that are seen and drawn, and files in base64.

import { letDraw } from "./drawing.js";
import { make } from "./elements.js";
import { decode, describePixels, encode, paint, readPixels } from "./picture.js";

const UNREADABLE = "This is no picture that the browser can read. Choose another file.";
const HUNDREDTHS = 100;

/** Show the pixels of an input of JSON as a picture, to be drawn on or loaded from a file. */
export function buildPixels({ input, read, write }, image, fail) {
  const canvas = make("canvas", {
    className: "picture drawable",
    role: "img",
    ariaLabel: describePixels(image),
  });
  const shown = () => {
    try {
      return read() ?? [];
    } catch {
      // Half written.
      return null;
    }
  };
  const refresh = () => {
    const values = shown();
    if (Array.isArray(values)) paint(canvas, values, image);
  };
  const draw = (values) => {
    write(values.map((value) => Math.round(value * HUNDREDTHS) / HUNDREDTHS));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const { width, height, channels = 1, white } = image;
  const blank = () => draw(Array(width * height * channels).fill(white));
  const clear = make("button", { type: "button", className: "quiet", onclick: blank }, "Clear");
  const load = chooser("Load a picture", async (file) => draw(await readPixels(file, image)), fail);
  const words = "Draw on it, load a picture, or write the numbers.";
  const hint = make("p", { className: "note" }, words);
  const tools = make("div", { className: "tools" }, hint, load, clear);
  letDraw(canvas, image, { read: () => shown() ?? [], write: draw });
  input.addEventListener("input", refresh);
  return {
    input,
    body: make("div", { className: "pixels" }, canvas, tools, input),
    read,
    write(value) {
      write(value);
      refresh();
    },
  };
}

/** Build the input of a picture that is sent in base64. */
export function buildPicture({ contentMediaType }, none, fail) {
  let text = none;
  const canvas = make("canvas", { className: "picture", role: "img", ariaLabel: "picture" });
  const take = async (value) => {
    text = value || none;
    canvas.hidden = true;
    try {
      await decode(canvas, text, contentMediaType);
      canvas.hidden = false;
    } catch {
      // No picture, such as the text that fills in an example.
    }
  };
  const input = make("input", { type: "file", accept: contentMediaType });
  listen(input, async (file) => take(await encode(file)), fail);
  const write = (value) => {
    input.value = "";
    take(value);
  };
  const body = make("div", { className: "pixels" }, canvas, input);
  return { input, body, read: () => text, write };
}

/** Return a button that asks for a picture; one may be dropped on it too. */
function chooser(words, take, fail) {
  const input = make("input", { type: "file", accept: "image/*" });
  // Emptied, it takes the same file once more.
  listen(input, async (file) => take(file).finally(() => (input.value = "")), fail);
  return make("label", { className: "chooser" }, words, input);
}

function listen(input, take, fail) {
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      await take(file);
      fail("");
      input.dispatchEvent(new Event("input", { bubbles: true }));
    } catch {
      fail(UNREADABLE);
    }
  });
}
