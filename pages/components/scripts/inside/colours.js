// Colours and small drawings that all parts of the inside view share.

import { make } from "../elements.js";

/* Zero is grey, positive values are brighter and warm, negative ones darker and cold: they differ in grey print too. */
const NEGATIVE = [8, 34, 94];
const ZERO = [134, 138, 146];
const POSITIVE = [255, 226, 120];

/** A colour for -127 to 127, as [red, green, blue]. */
const SHADES = Array.from({ length: 255 }, (_, place) => {
  const share = (place - 127) / 127;
  const end = share < 0 ? NEGATIVE : POSITIVE;
  return ZERO.map((from, channel) => Math.round(from + (end[channel] - from) * Math.sqrt(Math.abs(share))));
});

export const CLASS_COLOURS = ["#1f5fbf", "#c2571a", "#2e7d4f", "#8a4fa3", "#a3352f", "#5b6470", "#0f7f8a", "#9a7500", "#d2548f", "#4d9fdb"];

export function shade(value) {
  return SHADES[Math.max(-127, Math.min(127, value)) + 127];
}

/** A colour for a number beside the largest of its kind, for cells of a table. */
export function cellColour(value, largest) {
  const [red, green, blue] = shade(Math.round((127 * value) / (largest || 1)));
  const isDark = 0.3 * red + 0.59 * green + 0.11 * blue < 125;
  return `background: rgb(${red}, ${green}, ${blue}); color: ${isDark ? "#fff" : "#111"}`;
}

/** A number as it is written on paper: three digits that matter, a minus that is one. */
export function num(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1000 ? value.toFixed(0) : size >= 0.001 ? Number(value.toPrecision(3)).toString() : value.toExponential(1);
  return text.replace("-", "−");
}

/** Sets a canvas to so many pixels of the page, sharp on every screen; drawing then counts in pixels of the page. */
export function sized(canvas, width, height) {
  const density = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(density, 0, 0, density, 0, 0);
  context.imageSmoothingEnabled = false;
  return context;
}

const sheet = document.createElement("canvas");

/** Draws numbers as a picture, `colour` giving red, green and blue of each. */
export function paint(context, values, width, height, left, top, scale, colour) {
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const [red, green, blue] = colour(values[i]);
    image.data[4 * i] = red;
    image.data[4 * i + 1] = green;
    image.data[4 * i + 2] = blue;
    image.data[4 * i + 3] = 255;
  }
  sheet.width = width;
  sheet.height = height;
  sheet.getContext("2d").putImageData(image, 0, 0);
  context.drawImage(sheet, left, top, width * scale, height * scale);
}

export const grey = (value) => [value, value, value];

/** A canvas with a small picture in it. */
export function pictureOf(values, width, height, scale, colour, label) {
  const canvas = make("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  paint(sized(canvas, width * scale, height * scale), values, width, height, 0, 0, scale, colour);
  return canvas;
}

/** Numbers scaled so that the largest is ±127. */
export function toShades(values) {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return Array.from(values, (value) => Math.round((127 * value) / largest));
}
