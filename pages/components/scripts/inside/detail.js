// How a value came about, step by step, as one would work it on paper.

import { shade, cellColour, num, pictureOf, toShades } from "./colours.js";
import { make, share } from "../elements.js";

const FORMULAS = {
  relu: (x) => `max(0, ${x})`,
  sigmoid: (x) => `1 / (1 + e^−(${x}))`,
  softplus: (x) => `ln(1 + e^${x})`,
  silu: (x) => `${x} / (1 + e^−(${x}))`,
};

const MAX_TABLE = 5;

/** A table of numbers, each in its colour. */
function grid(rows, largest, label, marked = null) {
  const table = make("table", "inside-numbers");
  table.setAttribute("aria-label", label);
  const figures = rows.length > MAX_TABLE ? 1 : 2;
  rows.forEach((row, r) => {
    const line = make("tr");
    row.forEach((value, c) => {
      const cell = make("td", marked && marked[0] === r && marked[1] === c ? "marked" : "", value.toFixed(figures).replace("-", "−"));
      cell.style.cssText = cellColour(value, largest);
      line.append(cell);
    });
    table.append(line);
  });
  return table;
}

export function sentence(...parts) {
  const paragraph = make("p", "inside-line");
  paragraph.append(...parts);
  return paragraph;
}

export function labelled(caption, content) {
  const figure = make("figure", "inside-part");
  figure.append(content, make("figcaption", "", caption));
  return figure;
}

const largestOf = (...tables) => Math.max(...tables.flat(2).map(Math.abs));

const STEPS = {
  convolution(step) {
    const parts = step.channels.map(({ channel, patch, kernel, sum }) => {
      const products = patch.map((row, r) => row.map((value, c) => value * kernel[r][c]));
      const group = make("div", "inside-product");
      const name = step.numChannels > 1 ? `map ${channel} before: ` : "";
      group.append(
        labelled(`${name}patch`, grid(patch, largestOf(patch), "patch")), make("span", "sign", "×"),
        labelled("kernel", grid(kernel, largestOf(kernel), "kernel")), make("span", "sign", "="),
        labelled(`products, sum ${num(sum)}`, grid(products, largestOf(products), "products")),
      );
      return group;
    });
    const sums = step.channels.map(({ sum }) => num(sum));
    const rest = step.numChannels - step.channels.length;
    if (rest > 0) sums.push(`${num(step.others)} (${rest} other maps)`);
    const total = `${sums.join(" + ")} + bias ${num(step.bias)} = ${num(step.value)}`;
    return [sentence(`The kernel lies on a patch of ${step.size}×${step.size} values; each is multiplied by the weight on it, and all are added.`), ...parts, sentence(make("b", "", total))];
  },

  dense(step, view, unit) {
    const shape = view.inputShape(unit[0]);
    const pictures = make("div", "inside-product");
    if (shape.length > 1 || step.numInputs === 784) {
      const [rows, columns, count = 1] = shape.length > 1 ? shape : [28, 28];
      const together = (values) => {
        const sums = new Float64Array(rows * columns);
        values.forEach((value, i) => (sums[Math.floor(i / count)] += value));
        return toShades(sums);
      };
      const size = Math.max(2, Math.floor(140 / rows));
      const of = count > 1 ? `, the sum over ${count} maps` : "";
      pictures.append(
        labelled(`its weights as a picture${of}`, pictureOf(together(step.weights), columns, rows, size, shade, "weights")),
        make("span", "sign", "×"), make("span", "", count > 1 ? "maps" : "picture"), make("span", "sign", "="),
        labelled(`what speaks for it (bright) and against it (dark)${of}`, pictureOf(together(step.products), columns, rows, size, shade, "products")),
      );
    } else {
      const across = Math.min(view.rows[view.chosen.row].figures[unit[0]].across, step.numInputs);
      const size = Math.max(3, Math.min(14, Math.floor(240 / across)));
      const strip = (values, label) => {
        const padded = [...toShades(values), ...Array((across - (values.length % across)) % across).fill(0)];
        return pictureOf(padded, across, padded.length / across, size, shade, label);
      };
      pictures.append(
        labelled("its weights, laid out as the neurons before it", strip(step.weights, "weights")),
        make("span", "sign", "×"), make("span", "", "neurons"), make("span", "sign", "="),
        labelled("what speaks for it (bright) and against it (dark)", strip(step.products, "products")),
      );
    }
    const table = make("table", "inside-sums");
    const place = (i) => (shape.length === 3 ? `map ${i % shape[2]}, row ${Math.floor(i / shape[2] / shape[1])}, column ${Math.floor(i / shape[2]) % shape[1]}` : step.numInputs === 784 ? `row ${Math.floor(i / 28)}, column ${i % 28}` : `neuron ${i}`);
    const head = make("tr");
    ["for it", "value × weight", "product"].forEach((text) => head.append(make("th", "", text)));
    table.append(head);
    const add = (items) => items.forEach((item) => {
      const row = make("tr");
      row.append(make("td", "", place(item.place)), make("td", "", `${num(item.input)} × ${num(item.weight)}`), make("td", "", num(item.product)));
      table.append(row);
    });
    add(step.for);
    const against = make("tr");
    against.append(make("th", "", "against it"), make("th"), make("th"));
    table.append(against);
    add(step.against);
    const total = `all that speak for it ${num(step.positive)} + all against ${num(step.negative)} + bias ${num(step.bias)} = ${num(step.value)}`;
    return [sentence(`Each of its ${step.numInputs.toLocaleString("en")} inputs is multiplied by a weight, and all are added.`), pictures, table, sentence(make("b", "", total))];
  },

  pooling(step) {
    const words = step.chosen ? "The largest of these stays." : "The mean of these stays.";
    return [sentence(words), grid(step.window, largestOf(step.window), "window", step.chosen), sentence(make("b", "", `${step.chosen ? "max" : "mean"} = ${num(step.value)}`))];
  },

  mean: (step) => [sentence(`The mean of the whole map: ${num(step.sum)} / (${step.size.join(" × ")}) = `, make("b", "", num(step.value)))],

  normalisation(step) {
    const text = `${num(step.gamma)} × (${num(step.input)} − ${num(step.mean)}) / √(${num(step.variance)} + ${num(step.epsilon)}) + ${num(step.beta)} = `;
    return [sentence("Batch normalisation: minus the mean that was usual in training, divided by the spread, then scaled by γ and moved by β."), sentence(text, make("b", "", num(step.value)))];
  },

  activation(step) {
    const formula = FORMULAS[step.activation]?.(num(step.input)) ?? `${step.activation}(${num(step.input)})`;
    return [sentence(`Activation ${step.activation}: ${formula} = `, make("b", "", num(step.value)))];
  },

  dropout: (step) => [sentence(`Dropout leaves it as it is: ${num(step.value)}. Only while training are ${(100 * step.rate).toFixed(0)} % of the values set to 0, others each time.`)],
  scaling: (step) => [sentence(`Input scaling: ${num(step.input)} × ${num(step.scale)}${step.offset ? ` + ${num(step.offset)}` : ""} = `, make("b", "", num(step.value)))],
  length: (step) => [sentence(`Input scaling: ${num(step.input)} / length of its row of pixels ${num(step.length)} = `, make("b", "", num(step.value)))],

  softmax(step, view) {
    const table = make("table", "inside-sums");
    const head = make("tr");
    ["class", "sum z", "e^(z − largest)", "share"].forEach((text) => head.append(make("th", "", text)));
    table.append(head);
    step.sums.forEach((sum, place) => {
      const row = make("tr", place === step.place ? "chosen" : "");
      const name = step.sums.length === 10 ? view.data.classNames[place] : String(place);
      [name, num(sum), num(step.exponentials[place]), share(step.exponentials[place] / step.total)].forEach((text) => row.append(make("td", "", text)));
      table.append(row);
    });
    const last = `${num(step.exponentials[step.place])} / ${num(step.total)} = ${num(step.value)}`;
    return [sentence(`Softmax: e to the power of each sum (less the largest, ${num(step.largest)}, so that numbers stay small), divided by the sum of all.`), table, sentence(make("b", "", last))];
  },
};

/** All steps of the chosen value. */
export function detailOf(view, row, message) {
  const { unit, steps } = message;
  const column = message.columns[unit[0]];
  const figure = row.figures[unit[0] + 1];
  const parts = [make("h4", "", `${figure.titled}, ${figure.nameOf(unit.slice(1))} of ${row.network.label}`)];
  steps.forEach((step) => {
    const part = make("div", "inside-step");
    part.append(make("span", "inside-keras", step.layer), ...STEPS[step.kind](step, view, unit));
    parts.push(part);
  });
  if (!steps.length) parts.push(sentence("This layer only lays values out; it changes none."));
  return parts;
}
