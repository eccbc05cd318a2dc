// What a network has learned: its weights as pictures, and how they are spread.

import { shade, num, sized, pictureOf } from "./colours.js";
import { make } from "../elements.js";
import { sentence, labelled } from "./detail.js";
import { NetworkPanel } from "./panel.js";

const MOST_PICTURES = 64;

export class WeightsPanel extends NetworkPanel {
  constructor(view) {
    super(view, "inside-weights", "weights");
  }

  take(message) {
    if (message.problem) {
      this.element.replaceChildren(sentence(message.problem));
      return;
    }
    this.know();
    this.element.replaceChildren(...message.layers.map((layer, place) => this.layer(message, layer, place)));
  }

  layer(message, { layer, shape, units, counts, edges }, place) {
    const part = make("section", "inside-step");
    const { values, shape: sent } = message.arrays[layer];
    const words = shape.length === 4 ? `${units} kernels of ${shape[0]}×${shape[1]}` : `${units} neurons, each with ${shape[0].toLocaleString("en")} weights`;
    part.append(make("h4", "", `${layer}: ${words}`));
    const pictures = make("div", "inside-product");
    const size = values.length / sent[0];
    const draw = (unit, rows, columns, every, scale) => {
      const own = new Int16Array(rows * columns);
      for (let i = 0; i < own.length; i++) own[i] = values[unit * size + i * every];
      return pictureOf(own, columns, rows, scale, shade, `weights of ${unit}`);
    };
    const shown = Math.min(sent[0], MOST_PICTURES);
    const isFirst = place === 0;
    for (let unit = 0; unit < shown; unit++) {
      const name = units === 10 && place === message.layers.length - 1 ? this.view.data.classNames[unit] : String(unit);
      if (shape.length === 4) pictures.append(labelled(name, draw(unit, shape[0], shape[1], shape[2], Math.max(4, Math.floor(36 / shape[0])))));
      else if (isFirst && shape[0] === 784) pictures.append(labelled(name, draw(unit, 28, 28, 1, units <= 10 ? 4 : 2)));
    }
    if (shape.length === 4 && shape[2] > 1) part.append(sentence(`Of each kernel the part that looks at map 0 of the ${shape[2]} before it.`));
    if (shape.length === 2 && !(isFirst && shape[0] === 784)) {
      const columns = Math.min(shape[0], 400);
      const rows = Math.min(sent[0], 64);
      const own = new Int16Array(rows * columns);
      for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) own[r * columns + c] = values[r * size + c];
      pictures.append(labelled(`a row for each neuron${rows < units ? ` (${rows} of ${units})` : ""}, a column for each of its inputs${columns < shape[0] ? ` (${columns} of ${shape[0]})` : ""}`, pictureOf(own, columns, rows, Math.max(1, Math.floor(500 / columns)), shade, "weights")));
    } else if (shown < units) {
      part.append(sentence(`${shown} of ${units} are shown.`));
    }
    part.append(pictures, histogram(counts, edges));
    return part;
  }
}

/** How often weights of each size occur. */
function histogram(counts, [low, high]) {
  const figure = make("figure", "inside-part");
  const canvas = make("canvas");
  const [width, height] = [260, 60];
  const context = sized(canvas, width, height);
  const most = Math.max(...counts);
  counts.forEach((count, bin) => {
    const tall = (height * count) / most;
    context.fillStyle = "#1f5fbf";
    context.fillRect((bin * width) / counts.length, height - tall, width / counts.length - 1, tall);
  });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Histogram of the weights from ${num(low)} to ${num(high)}`);
  figure.append(canvas, make("figcaption", "", `how its weights are spread, from ${num(low)} to ${num(high)}`));
  return figure;
}
