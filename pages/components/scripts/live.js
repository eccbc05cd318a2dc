// Follows the pen on a canvas: sends what is drawn so far, and shows what the model says of it while the pen is down.
//
// What the server has put on the page stays in charge: only the text and the widths in it are changed here, and each
// of its answers says in `data-drawing` which drawing it is about. Where no socket can be opened, nothing is changed.

import { make, share } from "./elements.js";
import { line } from "./socket.js";

/* The server hears of a stroke within this time, on a slow line too; later it knows better what is on the canvas. */
const SETTLED_SECONDS = 4;
const ERASER_REACH = 25;
const AFTER_TOUCH_MS = 700;

// ---------------------------------------------------------------------------------------------------------- strokes

/** The points that the canvas will keep of a stroke: those of its own brush (Fabric's PencilBrush). */
function pathOf(points, brush) {
  const kept = thinned(points);
  const shift = brush / 1000;
  const isLong = kept.length > 2;
  const sign = (a, b) => (a > b ? 1 : a === b ? 0 : -1);
  let [from, to] = kept;
  let [right, down] = isLong ? [sign(kept[2][0], to[0]), sign(kept[2][1], to[1])] : [1, 0];
  const path = [[from[0] - right * shift, from[1] - down * shift]];
  for (let i = 1; i < kept.length; i++) {
    if (from[0] !== to[0] || from[1] !== to[1]) path.push([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]);
    from = kept[i];
    if (i + 1 < kept.length) to = kept[i + 1];
  }
  if (isLong) {
    const before = kept[kept.length - 2];
    [right, down] = [sign(from[0], before[0]), sign(from[1], before[1])];
  }
  path.push([from[0] + right * shift, from[1] + down * shift]);
  return path;
}

/** Without those that lie nearer to each other than 0.4 pixels. */
function thinned(points) {
  if (points.length <= 2) return points;
  let last = points[0];
  const kept = [last];
  for (const point of points.slice(1, -2)) {
    if ((last[0] - point[0]) ** 2 + (last[1] - point[1]) ** 2 >= 0.16) kept.push((last = point));
  }
  kept.push(points[points.length - 1]);
  return kept;
}

function distance([x, y], stroke) {
  let least = Infinity;
  for (let i = 0; i < stroke.length; i++) {
    const [ax, ay] = stroke[i];
    const [bx, by] = stroke[Math.min(i + 1, stroke.length - 1)];
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const share = length ? Math.min(Math.max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0), 1) : 0;
    least = Math.min(least, Math.hypot(ax + share * (bx - ax) - x, ay + share * (by - ay) - y));
  }
  return least;
}

// ----------------------------------------------------------------------------------------------------------- boards

class Board {
  constructor(name) {
    this.name = name;
    this.strokes = [];
    this.undone = [];
    this.numCleared = 0; // strokes that Clear took away, which Undo brings back
    this.revision = null;
    this.changedAt = -Infinity;
    this.observer = new MutationObserver(() => this.keep());
    this.isErasing = false;
    this.listeners = new Set(); // others who want to know of each change
  }

  /** Takes what the server says of the canvas: who reads it, and what is on it as far as the server knows. */
  follow(data, setTriggerValue) {
    const before = this.data;
    this.data = data;
    this.tell = setTriggerValue;
    const isSettled = !this.stroke && performance.now() - this.changedAt > 1000 * SETTLED_SECONDS;
    if (data.revision !== this.revision || (isSettled && data.drawing !== this.about())) {
      this.revision = data.revision;
      this.strokes = data.strokes;
      this.hasBase = data.strokes.length > 0;
      this.numCleared = 0;
      this.stroke = null;
      this.last = null;
      if (data.reader) line.want(this); // what was shown meanwhile was about another drawing
      this.listeners.forEach((listener) => listener.changed());
    }
    if (JSON.stringify(before?.reader) !== JSON.stringify(data.reader)) {
      this.last = null;
      if (data.reader) line.want(this); // also where nothing is drawn: the model is there then for the first stroke
    }
    for (const part of ["answer", "probabilities", "seen"]) {
      const place = this.part(part);
      if (place) this.observer.observe(place, { childList: true, subtree: true });
    }
    this.showEraser();
    this.keep();
  }

  part(name) {
    return document.querySelector(`.st-key-${this.name}_${name}`);
  }

  get canvas() {
    for (const element of this.part("canvas")?.querySelectorAll("*") ?? []) {
      const canvas = element.shadowRoot?.querySelector("canvas.upper-canvas");
      if (canvas) return canvas;
    }
    return null;
  }

  // -- what is drawn

  lines() {
    return this.stroke ? [...this.strokes, pathOf(this.stroke, this.data.brush)] : this.strokes;
  }

  /** A drawing's name, as the server makes it: how many strokes, and how many points. */
  about() {
    const lines = this.lines();
    return `${lines.length}:${lines.reduce((sum, stroke) => sum + stroke.length, 0)}`;
  }

  begin(point) {
    this.stroke = [point, point];
    this.undone = [];
    this.numCleared = 0;
    this.changed();
  }

  move(point) {
    const last = this.stroke[this.stroke.length - 1];
    if (point[0] === last[0] && point[1] === last[1]) return;
    this.stroke.push(point);
    this.changed();
  }

  end() {
    this.strokes = this.lines();
    this.stroke = null;
    this.changed();
    // By itself the canvas waits 200 ms before it tells the server, and who leaves the page meanwhile loses the stroke.
    setTimeout(() => this.tool("Update the app with this drawing")?.click());
    this.part("answer")?.querySelector(".answer")?.removeAttribute("aria-busy");
  }

  changed() {
    this.changedAt = performance.now();
    if (this.data?.reader) line.want(this);
    this.listeners.forEach((listener) => listener.changed());
  }

  // -- buttons, which act here at once where they can; the canvas tells the server

  tool(label) {
    return this.canvas?.getRootNode().querySelector(`.dc-toolbar button[aria-label="${label}"]`);
  }

  undo() {
    if (this.numCleared) {
      for (let left = this.numCleared; left > 0; left--) this.redo();
      return true;
    }
    const button = this.tool("Undo");
    if (!button || button.disabled || !this.strokes.length) return false;
    button.click();
    this.undone.push(this.strokes[this.strokes.length - 1]);
    this.strokes = this.strokes.slice(0, -1);
    this.changed();
    return true;
  }

  redo() {
    const button = this.tool("Redo");
    if (!button || button.disabled || !this.undone.length) return false;
    this.numCleared = 0;
    button.click();
    this.strokes = [...this.strokes, this.undone.pop()];
    this.changed();
    return true;
  }

  clear() {
    if (this.hasBase) {
      this.strokes = [];
      this.changed();
      return false;
    }
    const count = this.strokes.length;
    while (this.strokes.length && this.undo());
    if (this.strokes.length) {
      this.tool("Reset canvas & history")?.click();
      this.strokes = [];
      this.changed();
    } else {
      this.numCleared = count;
    }
    return true;
  }

  erase(point) {
    const reach = this.strokes.map((stroke) => distance(point, stroke));
    const nearest = Math.min(...reach);
    if (nearest > ERASER_REACH) return;
    const index = reach.indexOf(nearest);
    this.tell("erase", { index, of: this.strokes.length });
    this.strokes = this.strokes.filter((_, place) => place !== index);
    this.changed();
  }

  showEraser() {
    const button = this.part("eraser")?.querySelector("button");
    if (!button) return;
    button.setAttribute("aria-pressed", String(this.isErasing));
    this.part("canvas")?.classList.toggle("erasing", this.isErasing);
  }

  // -- what is asked and answered

  frame() {
    if (!this.part("canvas")) return null; // another page is open
    return { ...this.data.reader, strokes: this.lines() };
  }

  wait() {
    this.say("The models are busy with something else. Your drawing is read in a moment.");
  }

  take(message, about) {
    if (message.problem) {
      this.say(message.problem);
      return;
    }
    this.last = { message, about };
    this.show();
  }

  /** Puts the last answer back where the server has put an older one in its place. */
  keep() {
    const told = this.part("answer")?.querySelector("[data-drawing]")?.dataset.drawing;
    if (!this.last || told === undefined || told === this.about()) return;
    if (this.last.about === this.about() || this.stroke) this.show();
  }

  show() {
    this.withoutWatching(() => {
      const { message } = this.last;
      if (!this.data.reader) return;
      if (this.data.reader.kind === "number") this.showNumber(message);
      else this.showDigit(message);
    });
  }

  say(text) {
    this.withoutWatching(() => {
      const answer = this.part("answer")?.querySelector(".answer");
      if (answer) answer.replaceChildren(make("span", "hint", text));
    });
  }

  withoutWatching(change) {
    change();
    this.observer.takeRecords();
  }

  showDigit({ probabilities: [row], isDigit: [isDigit], pictures: [picture] }) {
    const answer = this.part("answer")?.querySelector(".answer");
    const winner = row ? row.indexOf(Math.max(...row)) : null;
    if (answer) {
      if (this.stroke) answer.setAttribute("aria-busy", "true"); // read out when the pen is up
      answer.classList.toggle("refused", row !== undefined && !isDigit);
      answer.replaceChildren(...this.words(row, winner, isDigit));
    }
    (this.part("probabilities")?.querySelectorAll("tbody tr") ?? []).forEach((line, index) => {
      const value = row?.[index] ?? 0;
      line.classList.toggle("winner", index === winner);
      line.querySelector(".fill").style.width = `${(100 * value).toFixed(2)}%`;
      line.querySelector(".number").textContent = row ? value.toFixed(3) + (index === winner ? " ◀" : "") : "–";
    });
    const seen = this.part("seen")?.querySelector("figure.seen > :first-child");
    if (!seen) return;
    seen.parentElement.querySelector("figcaption").textContent = this.data.words[picture ? "seen" : "notSeen"];
    if (!picture) seen.replaceWith(make("div", "blank"));
    else if (seen.tagName === "IMG") seen.src = pictureUrl(picture);
    else {
      const image = make("img");
      image.alt = "The drawing as 28 by 28 grey pixels, white on black";
      image.src = pictureUrl(picture);
      seen.replaceWith(image);
    }
  }

  words(row, winner, isDigit) {
    const { classNames, words } = this.data;
    if (!row) return [make("span", "hint", this.strokes.length || this.stroke ? words.noInk : words.hint)];
    const name = classNames[winner];
    const part = make("span", "share", share(row[winner]));
    if (!isDigit) return [make("span", "hint", words.rejection), make("span", "digit small", name), part];
    return [make("span", name.length === 1 ? "digit" : "digit word", name), part];
  }

  showNumber({ probabilities, isDigit, boxes, rows }) {
    const digits = probabilities.map((row, i) => (isDigit[i] ? String(row.indexOf(Math.max(...row))) : "?"));
    const answer = this.part("answer")?.querySelector(".answer");
    if (answer) {
      if (this.stroke) answer.setAttribute("aria-busy", "true");
      const lines = digits.map((digit, i) => (i && rows[i] !== rows[i - 1] ? "\n" : "") + digit).join("");
      const shown = digits.length
        ? make("span", lines.includes("\n") ? "digit lines" : "digit", lines)
        : make("span", "hint", this.data.words.hint);
      answer.replaceChildren(shown);
    }
    const holder = this.canvas?.closest(".dc-container") ?? this.canvas?.parentElement;
    if (!holder) return;
    holder.querySelector("svg.live-boxes")?.remove();
    holder.append(boxesOver(this.canvas, boxes, digits, probabilities));
  }
}

// --------------------------------------------------------------------------------------------------------- elements

function bytesOf(code) {
  return Uint8Array.from(atob(code), (letter) => letter.charCodeAt(0));
}

function pictureUrl(code) {
  const canvas = (pictureUrl.canvas ??= document.createElement("canvas"));
  canvas.width = canvas.height = 28;
  const image = new ImageData(28, 28);
  bytesOf(code).forEach((value, place) => image.data.set([value, value, value, 255], 4 * place));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas.toDataURL();
}

const SVG = "http://www.w3.org/2000/svg";

/** Boxes around the digits of a number, each with what it is read as; dashed where it is unsure. */
function boxesOver(canvas, boxes, digits, probabilities) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("class", "live-boxes");
  picture.setAttribute("viewBox", `0 0 ${canvas.width} ${canvas.height}`);
  picture.setAttribute("style", "position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none");
  boxes.forEach(([left, top, right, bottom], index) => {
    const isSure = digits[index] !== "?" && Math.max(...probabilities[index]) > 0.8;
    const colour = isSure ? "#1f5fbf" : "#c2571a";
    const box = document.createElementNS(SVG, "rect");
    const values = { x: left - 3, y: top - 3, width: right - left + 6, height: bottom - top + 6, fill: "none",
      stroke: colour, "stroke-width": 2, ...(isSure ? {} : { "stroke-dasharray": "6 4" }) };
    Object.entries(values).forEach(([name, value]) => box.setAttribute(name, value));
    const label = document.createElementNS(SVG, "text");
    Object.entries({ x: left - 2, y: Math.max(top - 8, 14), fill: colour, "font-size": 16, "font-weight": 700 })
      .forEach(([name, value]) => label.setAttribute(name, value));
    label.textContent = digits[index];
    picture.append(box, label);
  });
  return picture;
}

// --------------------------------------------------------------------------------------------------------- the pen

const boards = (window.digitStudioBoards ??= {});

function boardOf(node) {
  const place = node?.closest?.('[class*="_canvas"]');
  const name = place && /st-key-(\w+)_canvas/.exec(place.className)?.[1];
  return boards[name];
}

function boardAt(event) {
  const [inner] = event.composedPath();
  if (!inner?.classList?.contains("upper-canvas")) return null;
  return boardOf(inner.getRootNode().host ?? inner);
}

function pointAt(event, canvas) {
  const { clientX, clientY } = event.touches?.[0] ?? event.changedTouches?.[0] ?? event;
  const box = canvas.getBoundingClientRect();
  return [((clientX - box.left) * canvas.width) / box.width, ((clientY - box.top) * canvas.height) / box.height];
}

class Pen {
  constructor() {
    const listen = (name, does) => document.addEventListener(name, does, { capture: true, passive: false });
    listen("mousedown", (event) => event.button === 0 && event.timeStamp - this.touchedAt > AFTER_TOUCH_MS && this.down(event));
    listen("mousemove", (event) => this.move(event));
    listen("mouseup", (event) => event.type === this.until && this.up());
    listen("touchstart", (event) => this.down(event));
    listen("touchmove", (event) => this.move(event));
    listen("touchend", (event) => event.type === this.until && this.up());
    listen("touchcancel", () => this.up());
    listen("click", (event) => this.press(event));
  }

  touchedAt = -Infinity;

  down(event) {
    const board = boardAt(event);
    if (!board || this.board) return;
    const isTouch = event.type === "touchstart";
    if (isTouch) this.touchedAt = event.timeStamp;
    const canvas = event.composedPath()[0];
    const point = pointAt(event, canvas);
    if (board.isErasing) {
      event.stopPropagation();
      event.preventDefault();
      board.erase(point);
      return;
    }
    [this.board, this.canvas, this.until] = [board, canvas, isTouch ? "touchend" : "mouseup"];
    board.begin(point);
  }

  move(event) {
    if (!this.board || (event.type === "touchmove") !== (this.until === "touchend")) return;
    if (this.board.stroke) this.board.move(pointAt(event, this.canvas));
  }

  up() {
    const board = this.board;
    this.board = null;
    if (board?.stroke) board.end();
  }

  press(event) {
    const place = event.target.closest?.('[class*="_undo"], [class*="_redo"], [class*="_clear"], [class*="_eraser"]');
    const found = place && event.target.closest("button") && /st-key-(\w+)_(undo|redo|clear|eraser)/.exec(place.className);
    const board = found && boards[found[1]];
    if (!board) return;
    if (found[2] === "eraser") {
      board.isErasing = !board.isErasing;
      board.showEraser();
    }
    if (found[2] === "eraser" || board[found[2]]()) {
      event.stopPropagation();
      event.preventDefault();
    }
  }
}

/** Hides the canvas's own tool bar, which lies over its upper right corner and takes strokes that begin there: it
 * stands in a shadow root, where the style sheet of the page does not reach. */
function hideToolbar(board) {
  const inside = board.canvas?.getRootNode();
  if (!inside?.querySelector(".dc-toolbar") || inside.querySelector("#without-toolbar")) return;
  const style = make("style");
  style.id = "without-toolbar";
  style.textContent = ".dc-toolbar { display: none !important; }";
  inside.append(style);
}

window.digitStudioPen ??= new Pen();
window.digitStudioToolbars ??= setInterval(() => Object.values(boards).forEach(hideToolbar), 250);
document.documentElement.classList.add("live");

export default function ({ data, setTriggerValue }) {
  (boards[data.board] ??= new Board(data.board)).follow(data, setTriggerValue);
}
