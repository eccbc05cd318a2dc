// What is shown as a picture to keep: the columns, or the panel below them.

import { make } from "../elements.js";
import { GAP, CAPTION } from "./columns.js";

const MAX_PIXELS = 20_000_000;
const INK = "#111";
const FONT = "13px sans-serif";
const MARGIN = 12;
const SVG = "http://www.w3.org/2000/svg";

/** All columns side by side, a network below the other: where each stands, and its words. */
export function columnsPlaced(view) {
  const parts = [];
  let [top, widest] = [0, 0];
  for (const row of view.rows) {
    let left = 0;
    parts.push({ text: `${row.network.label}: ${row.answer.textContent}`, left, top: top + 18 });
    for (const figure of row.figures) {
      parts.push({ canvas: figure.canvas, left, top: top + 28, width: figure.width, height: figure.height });
      parts.push({ text: figure.titled, left, top: top + 28 + figure.height + 16 });
      left += figure.width + GAP;
    }
    widest = Math.max(widest, left);
    top += view.height() + CAPTION;
  }
  return { parts, width: widest, height: top };
}

/** An element as it stands on the page: its pictures, the grounds of its numbers, and its lines of text. */
export function elementPlaced(element) {
  const whole = element.getBoundingClientRect();
  const parts = [];
  let right = 0;
  const at = (box) => {
    right = Math.max(right, box.right - whole.left);
    return { left: box.left - whole.left + MARGIN, top: box.top - whole.top + MARGIN, width: box.width, height: box.height };
  };
  for (const canvas of element.querySelectorAll("canvas")) parts.push({ canvas, ...at(canvas.getBoundingClientRect()) });
  for (const cell of element.querySelectorAll("table.inside-numbers td")) {
    parts.push({ ground: getComputedStyle(cell).backgroundColor, ...at(cell.getBoundingClientRect()) });
  }
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest(".inside-buttons, .inside-menu, [hidden]")) continue;
    const style = getComputedStyle(node.parentElement);
    const colour = node.parentElement.closest("table.inside-numbers") ? style.color : INK;
    const font = `${style.fontWeight} ${style.fontSize} sans-serif`;
    for (const line of linesOf(node)) {
      const { left, top, height } = at(line.box);
      right = Math.max(right, line.right - whole.left);
      parts.push({ text: line.text, left, top: top + 0.78 * height, colour, font });
    }
  }
  return { parts, width: right + 2 * MARGIN, height: whole.height + 2 * MARGIN };
}

/** The lines that a text is broken into, each with the place of its first word, and where it ends. */
function linesOf(node) {
  const lines = [];
  const range = document.createRange();
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const box = range.getBoundingClientRect();
    if (!box.height) continue;
    const last = lines.at(-1);
    if (last && Math.abs(last.box.top - box.top) < 2) Object.assign(last, { text: `${last.text} ${word}`, right: box.right });
    else lines.push({ text: word, box, right: box.right });
  }
  return lines;
}

export function savePng(name, { parts, width, height }) {
  const canvas = make("canvas");
  const density = Math.min(2, Math.sqrt(MAX_PIXELS / (width * height)));
  canvas.width = width * density;
  canvas.height = height * density;
  const context = canvas.getContext("2d");
  context.scale(density, density);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  for (const part of parts) {
    if (part.canvas) {
      context.drawImage(part.canvas, part.left, part.top, part.width, part.height);
      continue;
    }
    context.fillStyle = part.ground ?? part.colour ?? INK;
    context.font = part.font ?? FONT;
    if (part.ground) context.fillRect(part.left, part.top, part.width, part.height);
    else context.fillText(part.text, part.left, part.top);
  }
  offer(`${name}.png`, canvas.toDataURL());
}

export function saveSvg(name, { parts, width, height }) {
  const picture = document.createElementNS(SVG, "svg");
  const set = (element, values) => Object.entries(values).forEach(([key, value]) => element.setAttribute(key, value));
  const add = (kind, values, text = "") => {
    const element = document.createElementNS(SVG, kind);
    set(element, values);
    element.textContent = text;
    picture.append(element);
  };
  set(picture, { width, height, viewBox: `0 0 ${width} ${height}` });
  add("rect", { width, height, fill: "#fff" });
  for (const { canvas, ground, text, left, top, colour = INK, font = FONT, ...size } of parts) {
    if (canvas) add("image", { x: left, y: top, width: size.width, height: size.height, href: canvas.toDataURL() });
    else if (ground) add("rect", { x: left, y: top, width: size.width, height: size.height, fill: ground });
    else add("text", { x: left, y: top, fill: colour, style: `font: ${font}` }, text);
  }
  const bytes = new TextEncoder().encode(new XMLSerializer().serializeToString(picture));
  offer(`${name}.svg`, URL.createObjectURL(new Blob([bytes], { type: "image/svg+xml" })));
}

function offer(name, url) {
  const link = make("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** Two buttons that save what stands on the page at the moment they are pressed. */
export function saveButtons(name, placed) {
  return [["Save as PNG", savePng], ["Save as SVG", saveSvg]].map(([title, save]) => {
    const button = make("button", "", title);
    button.type = "button";
    button.addEventListener("click", () => save(name, placed()));
    return button;
  });
}
