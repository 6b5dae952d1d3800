// A picture that is drawn on with a mouse, a pen or a finger.

// Of the width; as thick as a pen's stroke in a handwritten letter.
const BRUSH = 0.11;

/**
 * Let a canvas be drawn on. `read` returns the pixels that it shows, `write` takes the new ones.
 */
export function letDraw(canvas, { width, height, channels = 1, white, black }, { read, write }) {
  let last = null;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.x) / box.width) * width;
    return { x, y: ((event.clientY - box.y) / box.height) * height };
  };
  const draw = (to) => {
    const values = read();
    const pixels = Array.from({ length: width * height * channels }, (_, index) => {
      const old = Number.isFinite(values[index]) ? values[index] : white;
      const pixel = Math.floor(index / channels);
      const centre = { x: (pixel % width) + 0.5, y: Math.floor(pixel / width) + 0.5 };
      const ink = Math.min(1, BRUSH * width + 0.5 - distance(centre, last ?? to, to));
      const before = (old - white) / (black - white);
      return ink > before ? white + ink * (black - white) : old;
    });
    last = to;
    write(pixels);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    draw(at(event));
  });
  canvas.addEventListener("pointermove", (event) => last && draw(at(event)));
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => (last = null));
  }
}

/** Return how far a point is from a line between two others. */
function distance({ x, y }, from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy || 1);
  const part = Math.max(0, Math.min(1, along));
  return Math.hypot(x - from.x - part * dx, y - from.y - part * dy);
}
