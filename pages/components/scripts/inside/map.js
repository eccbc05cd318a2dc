// The maps: 10,000 test pictures as the last hidden layer sees them; the drawing is a star that moves with the pen.

import { CLASS_COLOURS, sized, grey, pictureOf } from "./colours.js";
import { make } from "../elements.js";
import { labelled } from "./detail.js";
import { NetworkPanel } from "./panel.js";
import { line } from "../socket.js";

const MAP = 440;
const NEAR = 9;
const MOST_MARKED = 0.3;
const ASK_AGAIN_MS = 700;

const KINDS = {
  map: {
    title: "Directions (PCA)",
    help: "Two directions of the hidden layer, those in which the pictures differ most. Distances are true, but much is hidden.",
    star: "star",
    takes: "some seconds",
  },
  neighbours: {
    title: "Neighbours (t-SNE)",
    help: "Who is near in the hidden layer stays near here. Islands show what the network holds for alike; distances between them mean little.",
    star: "neighbourStar",
    takes: "about half a minute",
  },
};

/** Where a place on the map, from −1 to 1 to the right and up, lies on the canvas. */
function onCanvas(right, up) {
  return [((right + 1) / 2) * MAP, ((1 - up) / 2) * MAP];
}

export class MapPanel extends NetworkPanel {
  constructor(view) {
    super(view, "inside-map", "map");
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.tabIndex = 0;
    this.side = make("div", "inside-map-side");
    this.buttons = Object.entries(KINDS).map(([wish, { title, help }]) => {
      const button = make("button", "", title);
      button.type = "button";
      button.title = help;
      button.setAttribute("role", "radio");
      button.addEventListener("click", () => this.choose(wish));
      return button;
    });
    const choice = make("div", "inside-buttons");
    choice.setAttribute("role", "radiogroup");
    choice.setAttribute("aria-label", "How the pictures are placed");
    choice.append(...this.buttons);
    this.showChoice();
    this.pointed = make("div");
    this.pointed.setAttribute("aria-live", "polite");
    this.words = make("p", "inside-line", "The test pictures are being placed; that takes some seconds the first time.");
    this.side.append(choice, this.words, this.pointed);
    this.element.append(this.canvas, this.side);
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("keydown", (event) => this.step(event));
  }

  choose(wish) {
    if (wish === this.wish) return;
    this.wish = wish;
    this.key = this.points = this.star = this.wanted = undefined;
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.pointed.replaceChildren();
    this.showChoice();
    this.changed();
  }

  showChoice() {
    Object.keys(KINDS).forEach((wish, i) => this.buttons[i].setAttribute("aria-checked", String(wish === this.wish)));
  }

  /** Where the drawing stands on this map, from an answer about it. */
  starOf(message) {
    return message[KINDS[this.wish].star];
  }

  /** Once the map is there, a picture on it may be asked for. */
  frame() {
    if (!this.isKnown) return super.frame();
    return this.wanted === undefined || !this.element.isConnected
      ? null
      : { ...this.view.question(), wish: "picture", index: this.wanted };
  }

  take(message) {
    if (message.problem) {
      this.words.textContent = message.problem;
      return;
    }
    if (message.arrays.picture) {
      this.showPicture(message);
      return;
    }
    if (message.progress !== undefined) {
      const { takes } = KINDS[this.wish];
      this.words.textContent =
        `The 10,000 test pictures are being placed: ${Math.round(100 * message.progress)} %. ` +
        `It takes ${takes}, once for each model; you may draw on meanwhile.`;
      setTimeout(() => this.changed(), ASK_AGAIN_MS);
      return;
    }
    if (message.kind !== this.wish) return; // of the map that was chosen before
    this.know();
    this.wanted = this.star = undefined;
    this.pointed.replaceChildren();
    this.points = message.arrays.points.values;
    this.labels = message.arrays.labels.values;
    this.answers = message.arrays.answers.values;
    this.drawn = null;
    const wrong = this.labels.reduce((sum, label, i) => sum + (label !== this.answers[i]), 0);
    this.marks = wrong < MOST_MARKED * this.labels.length; // of an untrained network crosses would hide every dot
    this.words.textContent =
      `Each dot is one of the 10,000 test pictures, placed by ${this.placedBy()}: alike is near. ` +
      (message.kept === null ? "" : `Both directions show ${(100 * message.kept).toFixed(0)} % of all differences. `) +
      `${wrong.toLocaleString("en")} are misread${this.marks ? ", marked by a cross" : ""}. The star is your drawing.`;
    this.canvas.setAttribute("aria-label", `${this.words.textContent} Arrow keys go from dot to dot.`);
    this.view.rows[this.view.asked]?.changed(); // tells where the star stands
    this.draw();
  }

  /** What brings pictures near to each other. */
  placedBy() {
    const columns = this.view.rows[this.view.asked]?.message?.columns ?? [];
    return columns.length > 1 ? "what the last hidden layer makes of it" : "its pixels, as this network has no hidden layer";
  }

  place(i) {
    return onCanvas(this.points[2 * i], this.points[2 * i + 1]);
  }

  /** The dot whose place costs least, where that is less than a limit. */
  cheapest(cost, limit = Infinity) {
    let [found, least] = [-1, limit];
    for (let i = 0; i < this.labels.length; i++) {
      const now = cost(...this.place(i));
      if (now < least) [found, least] = [i, now];
    }
    return found;
  }

  /** The dots are drawn once, the star at each answer. */
  draw(star = this.star) {
    if (!this.points) return;
    this.star = star;
    const context = sized(this.canvas, MAP, MAP);
    if (!this.drawn) this.drawn = this.drawDots();
    context.clearRect(0, 0, MAP, MAP);
    context.drawImage(this.drawn, 0, 0, MAP, MAP);
    this.ring(context);
    if (!star) return;
    const [x, y] = onCanvas(...star).map((value) => Math.min(Math.max(value, 8), MAP - 8));
    context.beginPath();
    for (let i = 0; i < 10; i++) {
      const angle = (Math.PI / 5) * i - Math.PI / 2;
      const radius = i % 2 ? 5 : 12;
      context.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    }
    context.closePath();
    context.fillStyle = "#ffe278";
    context.strokeStyle = "#111";
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }

  /** A ring around the dot whose picture is shown. */
  ring(context) {
    if (this.wanted === undefined) return;
    const [x, y] = this.place(this.wanted);
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.strokeStyle = "#e0218a";
    context.stroke();
  }

  drawDots() {
    const canvas = make("canvas");
    const context = sized(canvas, MAP, MAP);
    const ink = getComputedStyle(this.element).color;
    const middles = Array.from({ length: 10 }, () => [0, 0, 0]);
    for (let i = 0; i < this.labels.length; i++) {
      const [x, y] = this.place(i);
      context.globalAlpha = 0.55;
      context.fillStyle = CLASS_COLOURS[this.labels[i]];
      context.fillRect(x - 1, y - 1, 2, 2);
      const middle = middles[this.labels[i]];
      middle[0] += x;
      middle[1] += y;
      middle[2] += 1;
    }
    context.globalAlpha = 1;
    context.strokeStyle = ink;
    for (let i = 0; i < this.labels.length; i++) {
      if (!this.marks || this.labels[i] === this.answers[i]) continue;
      const [x, y] = this.place(i);
      context.beginPath();
      context.moveTo(x - 3, y - 3);
      context.lineTo(x + 3, y + 3);
      context.moveTo(x + 3, y - 3);
      context.lineTo(x - 3, y + 3);
      context.stroke();
    }
    context.font = "700 16px sans-serif";
    context.textAlign = "center";
    middles.forEach(([x, y, count], label) => {
      if (!count) return;
      const name = this.view.data.classNames[label];
      context.lineWidth = 4;
      context.strokeStyle = "#fff";
      context.strokeText(name, x / count, y / count);
      context.fillStyle = "#111";
      context.fillText(name, x / count, y / count);
    });
    return canvas;
  }

  point(event) {
    if (!this.points) return;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    this.show(this.cheapest((px, py) => (px - x) ** 2 + (py - y) ** 2, NEAR ** 2));
  }

  /** Shows the picture of a dot; -1 is none. */
  show(dot) {
    if (dot < 0 || dot === this.wanted) return;
    this.wanted = dot;
    this.draw();
    line.want(this);
  }

  /** To the nearest dot in the direction of an arrow key; at first to the one nearest to the middle. */
  step(event) {
    const direction = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (!direction || !this.points) return;
    event.preventDefault();
    const isFirst = this.wanted === undefined;
    const [fromX, fromY] = isFirst ? [MAP / 2, MAP / 2] : this.place(this.wanted);
    const distance = (x, y) => {
      const along = (x - fromX) * direction[0] + (y - fromY) * direction[1];
      const aside = Math.abs((x - fromX) * direction[1] + (y - fromY) * direction[0]);
      const isBehind = along < 1 || aside > along; // a step is to be seen, and goes in this direction
      return !isFirst && isBehind ? Infinity : along ** 2 + aside ** 2;
    };
    this.show(this.cheapest(distance));
  }

  showPicture({ index, label, arrays }) {
    const names = this.view.data.classNames;
    const read = this.answers?.[index];
    const words = `test picture ${index}: ${names[label]}${read === label ? "" : `, read as ${names[read]}`}`;
    this.pointed.replaceChildren(labelled(words, pictureOf(arrays.picture.values, 28, 28, 6, grey, words)));
  }
}
