// Pictures: a list of pixels, of which `x-image` says how it is one, or a file in base64.

const CHANNELS = [0, 1, 2];
// How bright an eye finds red, green and blue.
const BRIGHTNESS = [0.299, 0.587, 0.114];

/** Return the size of a picture in words. */
export const describePixels = ({ width, height }) => `picture of ${width} by ${height} pixels`;

/** Draw pixels on a canvas, and return it; what is no number is white. */
export function paint(canvas, values, { width, height, channels = 1, white, black }) {
  Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (const channel of CHANNELS) {
      const value = values[channels * pixel + (channel % channels)];
      const light = Number.isFinite(value) ? (value - black) / (white - black) : 1;
      image.data[4 * pixel + channel] = 255 * light;
    }
    image.data[4 * pixel + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** Return the pixels of a file, stretched to the size that `x-image` has. */
export async function readPixels(file, { width, height, channels = 1, white, black }) {
  const size = { resizeWidth: width, resizeHeight: height, resizeQuality: "high" };
  const context = new OffscreenCanvas(width, height).getContext("2d");
  // What can be seen through is paper.
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(await createImageBitmap(file, size), 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const lights = Array.from({ length: width * height }, (_, pixel) => {
    const colours = CHANNELS.map((channel) => data[4 * pixel + channel] / 255);
    if (channels > 1) return colours;
    return CHANNELS.reduce((sum, channel) => sum + BRIGHTNESS[channel] * colours[channel], 0);
  });
  return lights.flat().map((light) => black + light * (white - black));
}

/** Draw a file on a canvas, in its own size. */
export async function show(canvas, file) {
  const bitmap = await createImageBitmap(file);
  Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
}

/** Draw a file that is written in base64. */
export async function decode(canvas, text, type) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  await show(canvas, new Blob([bytes], { type }));
}

/** Return a file in base64. */
export async function encode(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
