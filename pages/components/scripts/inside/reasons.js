// Why this answer: which pixels speak for a class, what is left without a stroke, and how little fools the network.

import { shade, num, grey, pictureOf, sized, toShades } from "./colours.js";
import { make, share } from "../elements.js";
import { sentence, labelled } from "./detail.js";
import { line } from "../socket.js";

const METHODS = {
  integrated: ["Integrated gradients", "Each pixel's part in how much surer the network is of this class than it is before a black picture. The parts add up to the whole."],
  gradient: ["Gradient", "How much each pixel would speak for the class if it became a little brighter, ink or not."],
  occlusion: ["Occlusion", "A black square of 4×4 pixels is laid over each place: bright is where the class loses most by it."],
  cam: ["Grad-CAM", "Where the maps of the last convolution find what speaks for the class."],
  strokes: ["Without a stroke", "What the answer would have been with one stroke less."],
  fool: ["Fool it", "The smallest change that was found which makes the network read another class, or the one that you choose."],
};
const AGAINST = ["integrated", "gradient"];
const SECOND = "second";
const STROKES_SIZE = 112;

export class ReasonsPanel {
  constructor(view) {
    this.view = view;
    this.method = "integrated";
    this.element = make("div", "inside-reasons");
    this.buttons = make("div", "inside-buttons");
    this.buttons.setAttribute("role", "radiogroup");
    this.buttons.setAttribute("aria-label", "Method");
    for (const [name, [title]] of Object.entries(METHODS)) {
      const button = make("button", "", title);
      button.type = "button";
      button.setAttribute("role", "radio");
      button.dataset.method = name;
      button.addEventListener("click", () => this.choose(name));
      this.buttons.append(button);
    }
    this.forClass = this.menu("for", "the answer");
    this.against = this.menu("against", "nothing in particular");
    this.against.select.options[0].after(new Option("the second answer", SECOND));
    this.against.select.value = SECOND;
    this.words = make("p", "inside-line");
    this.result = make("div", "inside-product");
    this.result.setAttribute("aria-live", "polite");
    this.element.append(this.buttons, this.forClass.label, this.against.label, this.words, this.result);
    this.mark();
  }

  menu(word, otherwise) {
    const label = make("label", "inside-menu", `${word} `);
    const select = make("select");
    select.append(new Option(otherwise, ""));
    this.view.data.classNames.forEach((name, place) => select.append(new Option(name, place)));
    select.addEventListener("change", () => this.changed());
    label.append(select);
    return { label, select };
  }

  choose(method) {
    this.method = method;
    this.mark();
    this.result.replaceChildren();
    this.changed();
  }

  mark() {
    for (const button of this.buttons.children) button.setAttribute("aria-checked", String(button.dataset.method === this.method));
    this.words.textContent = METHODS[this.method][1];
    this.forClass.label.hidden = ["strokes", "fool"].includes(this.method);
    this.against.label.hidden = !AGAINST.includes(this.method) && this.method !== "fool";
    const isFool = this.method === "fool";
    this.against.label.firstChild.textContent = isFool ? "into " : "against ";
    this.against.select.options[0].text = isFool ? "whatever needs least" : "nothing in particular";
  }

  changed() {
    this.result.classList.add("inside-late"); // fades where the answer takes long
    line.want(this);
  }

  about() {
    return this.view.about();
  }

  frame() {
    if (!this.element.isConnected) return null;
    const number = ({ select }) => (select.value === "" ? undefined : select.value === SECOND ? this.second() : Number(select.value));
    const uses = AGAINST.includes(this.method) || this.method === "fool";
    return { ...this.view.question(), ...this.view.drawing(), wish: this.method,
      wanted: number(this.forClass), other: uses ? number(this.against) : undefined };
  }

  /** The class that the network holds for the most probable but one. */
  second() {
    const row = this.view.rows[this.view.asked]?.message?.probabilities;
    return row && row.map((_, i) => i).sort((a, b) => row[b] - row[a])[1];
  }

  wait() {}

  take(message) {
    const names = this.view.data.classNames;
    this.result.classList.remove("inside-late");
    if (message.problem || message.blank || message.none) {
      this.result.replaceChildren(sentence(message.problem ?? message.none ?? this.view.data.words.hint));
    } else if (message.wish === "strokes") {
      this.result.replaceChildren(...this.withoutStrokes(message.without, names));
    } else if (message.wish === "fool") {
      this.result.replaceChildren(...this.fooled(message, names));
    } else if (message.arrays.heat) {
      const { picture, heat } = message.arrays;
      const against = message.other === null || message.other === undefined ? "" : `, against ${names[message.other]}`;
      const title = `what speaks for ${names[message.wanted]}${against}`;
      const parts = [labelled("the picture", pictureOf(picture.values, 28, 28, 8, grey, "the picture")),
        labelled(`${title}: bright for it, dark against it`, pictureOf(heat.values, 28, 28, 8, shade, title))];
      if (message.wish === "integrated") parts.push(sentence(`All parts together: ${num(message.sum)}, in the logarithm of the odds.`));
      this.result.replaceChildren(...parts);
    }
  }

  withoutStrokes(answers, names) {
    if (!answers.length) return [sentence("Draw a digit of several strokes. A test picture has none.")];
    const strokes = this.view.board.lines();
    return answers.map((row, left) => {
      const winner = row ? row.indexOf(Math.max(...row)) : null;
      const words = row ? `without stroke ${left + 1}: ${names[winner]}, ${share(row[winner])}` : "nothing is left";
      return labelled(words, drawn(strokes, left, this.view.board.canvas?.width ?? 280, words));
    });
  }

  fooled({ fooled, arrays }, names) {
    if (!fooled) return [sentence("No small change was found that makes it read this class.")];
    const { from, to } = arrays;
    const holder = make("div");
    const told = make("p", "inside-line");
    const slider = make("input");
    Object.assign(slider, { type: "range", min: 0, max: fooled.onTheWay.length - 1, value: fooled.onTheWay.length - 1 });
    slider.setAttribute("aria-label", "From the drawing to the picture that fools it");
    const show = () => {
      const part = slider.value / slider.max;
      const mixed = Array.from(from.values, (value, i) => Math.round(value + part * (to.values[i] - value)));
      const row = fooled.onTheWay[slider.value];
      const order = row.map((_, i) => i).sort((a, b) => row[b] - row[a]);
      const picture = pictureOf(mixed, 28, 28, 8, grey, "the changed picture");
      const change = toShades(mixed.map((value, i) => value - from.values[i]));
      const parts = [labelled("the picture on the way", picture), labelled("what has changed", pictureOf(change, 28, 28, 8, shade, "what has changed"))];
      holder.replaceChildren(...parts);
      told.textContent = order.slice(0, 3).map((i) => `${names[i]} ${share(row[i])}`).join(" · ");
    };
    holder.className = "inside-product";
    slider.addEventListener("input", show);
    show();
    const isSure = fooled.onTheWay.at(-1)[fooled.answer] >= 0.5;
    const reads = isSure ? `it reads ${names[fooled.answer]}` : "it is sure of nothing any more";
    const words = sentence(`At a distance of ${num(fooled.distance)} (all changes of pixels squared, added, and the root of that) ${reads}.`);
    return [holder, slider, told, words];
  }
}

/** Strokes on white, one of them faint and dotted. */
function drawn(strokes, gone, size, label) {
  const canvas = make("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  const context = sized(canvas, STROKES_SIZE, STROKES_SIZE);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, STROKES_SIZE, STROKES_SIZE);
  context.scale(STROKES_SIZE / size, STROKES_SIZE / size);
  context.lineWidth = 18;
  context.lineCap = context.lineJoin = "round";
  strokes.forEach((stroke, place) => {
    context.strokeStyle = place === gone ? "rgba(194, 87, 26, 0.35)" : "#101418";
    context.setLineDash(place === gone ? [2, 26] : []);
    context.beginPath();
    stroke.forEach(([x, y]) => context.lineTo(x, y));
    context.stroke();
  });
  return canvas;
}
