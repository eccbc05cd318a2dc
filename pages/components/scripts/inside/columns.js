// One network: its layers as columns from left to right, drawn anew at each answer.

import { shade, num, sized, paint, grey } from "./colours.js";
import { make, share } from "../elements.js";
import { line } from "../socket.js";

export const GAP = 14;
export const CAPTION = 58;
const NARROW = 700;
const LEAST_WIDTH = 64;
const ANSWER_WIDTH = 150;
/* A value is drawn no smaller; where there is no room for all maps, the others are left out, and that is said. */
const LEAST_CELL = 0.7;
const MOST_CELL = 24;

export class Row {
  /** Args: the view that it belongs to, and the network: model, fresh, label. */
  constructor(view, network, index) {
    this.view = view;
    this.network = network;
    this.index = index;
    this.element = make("section", "inside-row");
    this.element.setAttribute("aria-label", network.label);
    this.title = make("h3", "inside-title", network.label);
    this.answer = make("span", "inside-answer");
    this.title.append(" ", this.answer);
    this.strip = make("div", "inside-strip");
    this.strip.setAttribute("role", "group");
    this.element.append(this.title, this.strip);
    this.figures = [];
  }

  // -- asked by the line to the server

  changed() {
    line.want(this);
  }

  about() {
    return this.view.about();
  }

  frame() {
    if (!this.element.isConnected) return null;
    const unit = this.view.chosen?.row === this.index ? this.view.chosen.unit : undefined;
    return { ...this.view.question(this.network), ...this.view.drawing(), unit };
  }

  wait() {
    this.answer.textContent = "the models are busy; one moment …";
  }

  take(message) {
    if (message.problem) {
      this.answer.textContent = message.problem;
      return;
    }
    this.message = message;
    this.show();
    this.view.took(this, message);
  }

  // -- shown

  show() {
    const { message } = this;
    if (!message) return;
    this.layOut(message.columns);
    const row = message.probabilities;
    if (row) {
      const winner = row.indexOf(Math.max(...row));
      this.answer.textContent = `${this.view.data.classNames[winner]} · ${share(row[winner])}`;
    } else {
      this.answer.textContent = this.view.data.words.hint;
    }
    this.figures.forEach((figure, place) => figure.draw(message, place - 1));
  }

  /** Makes the figures where the network or the room for it has changed. */
  layOut(columns) {
    const width = this.strip.clientWidth;
    const key = JSON.stringify([columns, width, this.view.data.order]);
    if (key === this.key || !width) return;
    this.key = key;
    const all = [{ title: "Picture", keras: "28×28 pixels", shape: [28, 28] }, ...columns];
    const isPhone = width < NARROW;
    const height = this.view.height();
    const last = all.length - 1;
    const weights = all.map(({ shape }, place) => (place === last ? 0 : place === 0 || shape.length > 1 ? 1.5 : 1));
    const room = width - GAP * last - ANSWER_WIDTH;
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    // What would become too narrow takes from the others, so that the answer stays in sight.
    const isNarrow = weights.map((weight) => (room * weight) / sum(weights) < LEAST_WIDTH);
    const left = room - LEAST_WIDTH * (sum(isNarrow) - 1);
    const whole = sum(weights.filter((_, place) => !isNarrow[place]));
    this.figures = all.map((column, place) => {
      const share = place === last ? ANSWER_WIDTH : isNarrow[place] ? LEAST_WIDTH : Math.max(Math.floor((left * weights[place]) / whole), LEAST_WIDTH);
      return new Figure(this, column, place - 1, isPhone ? width : share, height, place === last);
    });
    this.strip.replaceChildren(...this.figures.map((figure) => figure.element));
  }
}

class Figure {
  constructor(row, column, place, width, height, isLast) {
    Object.assign(this, { row, column, place, width, height, isLast });
    this.element = make("figure", "inside-column");
    this.element.style.width = `${width}px`;
    this.canvas = make("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.value = make("span", "inside-value");
    const caption = make("figcaption");
    caption.append(make("b", "", this.titled), make("br"), make("span", "inside-keras", column.keras.replace(/([a-z])([A-Z])/g, "$1\u00ad$2")), make("br"), this.value);
    this.element.append(this.canvas, caption);
    this.plan();
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => this.describe());
    this.canvas.addEventListener("click", (event) => this.choose(this.unitAt(event)));
    this.canvas.addEventListener("keydown", (event) => this.step(event));
    this.describe();
  }

  /** What the column does, in words, and its activation in Keras's. */
  get titled() {
    const { title, activation } = this.column;
    return activation ? `${title}, ${activation}` : title;
  }

  /** How large each map or cell is drawn, and how many of them there is room for. */
  plan() {
    const { width, height, column } = this;
    const [rows, columns = 1, count = 1] = column.shape;
    if (column.shape.length === 1) {
      this.count = rows;
      this.cell = this.isLast ? Math.min(Math.floor(height / rows), 30) : MOST_CELL;
      while (!this.isLast && this.cell > 3 && Math.floor(width / this.cell) * Math.floor(height / this.cell) < rows) this.cell -= 1;
      this.across = this.isLast ? 1 : Math.max(1, Math.floor(width / this.cell));
      this.shown = Math.min(rows, this.across * Math.floor(height / this.cell));
      return;
    }
    this.count = count;
    this.cell = 0;
    for (let across = 1; across <= count; across++) {
      const down = Math.ceil(count / across);
      const cell = Math.min(((width + 1) / across - 1) / columns, ((height + 1) / down - 1) / rows);
      if (cell > this.cell) Object.assign(this, { cell, across, down });
    }
    if (this.cell < LEAST_CELL) {
      this.cell = LEAST_CELL;
      this.across = Math.max(1, Math.floor((width + 1) / (columns * this.cell + 1)));
      this.down = Math.max(1, Math.floor((height + 1) / (rows * this.cell + 1)));
    }
    this.cell = this.cell > 2 ? Math.floor(this.cell) : this.cell;
    this.shown = Math.min(count, this.across * this.down);
  }

  values(message) {
    return this.place < 0 ? message.arrays.picture : message.arrays[`column ${this.place}`];
  }

  draw(message) {
    const context = sized(this.canvas, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    this.part = this.values(message);
    if (!this.part) return;
    if (this.isLast && this.column.shape[0] === 10) this.drawBars(context, message.probabilities ?? Array(10).fill(0));
    else if (this.column.shape.length === 1) this.drawCells(context);
    else this.drawMaps(context);
    this.frameChosen(context, message);
    this.describe();
  }

  drawMaps(context) {
    const { values } = this.part;
    const [rows, columns] = this.column.shape;
    const colour = this.place < 0 ? grey : shade;
    this.order = this.orderOf(values, rows * columns);
    const one = new Int16Array(rows * columns);
    for (let tile = 0; tile < this.shown; tile++) {
      const map = this.order[tile];
      for (let i = 0; i < one.length; i++) one[i] = values[i * this.count + map];
      const [left, top] = this.corner(tile);
      paint(context, one, columns, rows, left, top, this.cell, colour);
    }
  }

  /** The maps as they stand, or the brightest first. */
  orderOf(values, size) {
    const order = Array.from({ length: this.count }, (_, map) => map);
    if (this.row.view.data.order !== "brightest" || this.count === 1) return order;
    const light = new Float64Array(this.count);
    for (let i = 0; i < size * this.count; i++) light[i % this.count] += values[i];
    return order.sort((a, b) => light[b] - light[a] || a - b);
  }

  corner(tile) {
    const [rows, columns] = this.column.shape;
    return [(tile % this.across) * (columns * this.cell + 1), Math.floor(tile / this.across) * (rows * this.cell + 1)];
  }

  drawCells(context) {
    const gap = this.cell > 5 ? 1 : 0;
    for (let unit = 0; unit < this.shown; unit++) {
      const [red, green, blue] = shade(this.part.values[unit]);
      context.fillStyle = `rgb(${red}, ${green}, ${blue})`;
      const [left, top] = [(unit % this.across) * this.cell, Math.floor(unit / this.across) * this.cell];
      context.fillRect(left, top, this.cell - gap, this.cell - gap);
    }
  }

  drawBars(context, probabilities) {
    const ink = getComputedStyle(this.element).color;
    const names = this.row.view.data.classNames;
    const label = Math.max(...names.map((name) => name.length)) > 1 ? 74 : 18;
    const winner = probabilities.indexOf(Math.max(...probabilities));
    probabilities.forEach((value, unit) => {
      const top = unit * this.cell;
      context.fillStyle = ink;
      context.font = `${unit === winner ? 700 : 400} 12px sans-serif`;
      context.textBaseline = "middle";
      context.fillText(names[unit], 0, top + this.cell / 2, label - 4);
      context.globalAlpha = 0.25;
      context.fillRect(label, top + 3, 1, this.cell - 6);
      context.globalAlpha = 1;
      context.fillStyle = unit === winner ? "#1f5fbf" : "#8aa0ba";
      context.fillRect(label, top + 4, (this.width - label - 46) * value, this.cell - 8);
      context.fillStyle = ink;
      context.fillText(value.toFixed(3), this.width - 38, top + this.cell / 2);
    });
  }

  // -- choosing a value

  unitAt(event) {
    if (!this.part) return null;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    if (this.column.shape.length === 1) {
      const column = Math.floor(x / (this.isLast ? this.width : this.cell));
      const unit = Math.floor(y / this.cell) * this.across + column;
      return column < this.across && unit >= 0 && unit < this.shown ? [unit] : null;
    }
    const [rows, columns] = this.column.shape;
    const across = Math.floor(x / (columns * this.cell + 1));
    const down = Math.floor(y / (rows * this.cell + 1));
    const tile = down * this.across + across;
    if (across >= this.across || tile >= this.shown || tile < 0) return null;
    const [left, top] = this.corner(tile);
    const row = Math.floor((y - top) / this.cell);
    const column = Math.floor((x - left) / this.cell);
    if (row < 0 || row >= rows || column < 0 || column >= columns) return null;
    return this.column.shape.length === 2 ? [row, column] : [row, column, this.order[tile]];
  }

  point(event) {
    const unit = this.unitAt(event);
    this.canvas.style.cursor = unit && this.place >= 0 ? "pointer" : "default";
    this.describe(unit);
  }

  valueAt(unit) {
    const [, columns, count = 1] = this.column.shape;
    const place = unit.length === 1 ? unit[0] : unit.length === 2 ? unit[0] * columns + unit[1] : (unit[0] * columns + unit[1]) * count + unit[2];
    return this.place < 0 ? this.part.values[place] / 255 : this.part.values[place] * this.part.scale;
  }

  nameOf(unit) {
    if (unit.length === 1) return this.isLast ? this.row.view.data.classNames[unit[0]] : `neuron ${unit[0]}`;
    const where = `row ${unit[0]}, column ${unit[1]}`;
    return unit.length === 3 ? `map ${unit[2]}, ${where}` : where;
  }

  describe(unit = null) {
    const size = this.column.shape.join("×");
    const parts = this.shown < this.count ? `${this.shown} of ${this.count} shown` : size;
    this.value.textContent = unit ? `${this.nameOf(unit)}: ${num(this.valueAt(unit))}` : this.place < 0 ? "" : parts;
    const words = `${this.column.title}, ${size}. ${this.place < 0 ? "" : "Arrow keys choose a value and show how it came about."}`;
    this.canvas.setAttribute("aria-label", words);
  }

  choose(unit) {
    if (unit && this.place >= 0) this.row.view.choose(this.row.index, [this.place, ...unit]);
  }

  step(event) {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [0, 0] };
    if (!(event.key in moves) || this.place < 0 || !this.part) return;
    event.preventDefault();
    const chosen = this.row.view.chosen;
    const isOurs = chosen?.row === this.row.index && chosen.unit[0] === this.place;
    const [down, right] = isOurs ? moves[event.key] : [0, 0]; // the first press chooses the first value
    const unit = isOurs ? chosen.unit.slice(1) : this.column.shape.map((_, axis) => (axis === 2 ? this.order[0] : 0));
    const [rows, columns, count] = this.column.shape;
    if (unit.length === 1) {
      unit[0] = Math.min(Math.max(unit[0] + down * this.across + right, 0), rows - 1);
    } else {
      unit[0] = Math.min(Math.max(unit[0] + down, 0), rows - 1);
      unit[1] += right;
      // Over the edge of a map lies the next one, in the order in which they are shown.
      const next = this.order[this.order.indexOf(unit[2]) + Math.sign(right)];
      if (count && unit[1] >= columns && next !== undefined) [unit[1], unit[2]] = [0, next];
      if (count && unit[1] < 0 && next !== undefined) [unit[1], unit[2]] = [columns - 1, next];
      unit[1] = Math.min(Math.max(unit[1], 0), columns - 1);
    }
    this.choose(unit);
  }

  /** A frame around the chosen value, and on the picture around all pixels that it can see. */
  frameChosen(context, message) {
    const chosen = this.row.view.chosen;
    if (chosen?.row !== this.row.index) return;
    context.lineWidth = 2;
    context.strokeStyle = "#e0218a";
    if (this.place < 0) {
      if (!message.field || String(message.unit) !== String(chosen.unit)) return;
      const [top, left, bottom, right] = message.field;
      context.strokeRect(left * this.cell + 1, top * this.cell + 1, (right - left) * this.cell - 2, (bottom - top) * this.cell - 2);
      return;
    }
    if (chosen.unit[0] !== this.place) return;
    const unit = chosen.unit.slice(1);
    if (unit.length === 1) {
      const [left, top] = [(unit[0] % this.across) * this.cell, Math.floor(unit[0] / this.across) * this.cell];
      context.strokeRect(left, top, this.isLast ? this.width - 2 : this.cell, this.cell - 1);
      return;
    }
    const tile = unit.length === 3 ? this.order.indexOf(unit[2]) : 0;
    if (tile >= this.shown) return;
    const [rows, columns] = this.column.shape;
    const [left, top] = this.corner(tile);
    context.strokeRect(left + 1, top + 1, columns * this.cell - 2, rows * this.cell - 2);
    context.fillStyle = "#e0218a";
    const size = Math.max(this.cell, 3);
    context.fillRect(left + unit[1] * this.cell, top + unit[0] * this.cell, size, size);
  }
}
