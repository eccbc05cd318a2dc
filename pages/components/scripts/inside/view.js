// The inside of one or two networks, moved by the pen: columns above, and below them what is asked about.

import { shade, grey, pictureOf } from "./colours.js";
import { make } from "../elements.js";
import { GAP, CAPTION, Row } from "./columns.js";
import { detailOf, sentence } from "./detail.js";
import { ReasonsPanel } from "./reasons.js";
import { WeightsPanel } from "./weights.js";
import { MapPanel } from "./map.js";

const MAX_PIXELS_SAVED = 20_000_000;

class View {
  constructor(name) {
    this.name = name;
    this.rows = [];
    this.chosen = null;
    this.resized = new ResizeObserver(() => this.rows.forEach((row) => row.show()));
  }

  get board() {
    return window.digitStudioBoards?.[this.name];
  }

  networks() {
    return this.data.networks;
  }

  /** The beginning of every question about a network, by default the first. */
  question(network = this.networks()[0]) {
    return { kind: "inside", model: network.model, fresh: network.fresh };
  }

  drawing() {
    return this.data.picture ? { picture: this.data.picture } : { strokes: this.board?.lines() ?? [] };
  }

  about() {
    return this.data.picture ?? this.board?.about() ?? "";
  }

  height() {
    const share = window.innerHeight < 900 ? 0.38 : 0.48; // a projector has room for larger maps
    return Math.max(200, Math.min(share * window.innerHeight, 640));
  }

  inputShape(column) {
    const { columns } = this.rows[this.chosen?.row ?? 0].message;
    return column ? columns[column - 1].shape : [28, 28];
  }

  /** The columns, in the element that is theirs. */
  showColumns(data, place) {
    const before = this.data;
    this.data = data;
    const isOther = JSON.stringify(before?.networks) !== JSON.stringify(data.networks) || !place.querySelector(".inside-row");
    if (isOther) {
      if (this.chosen && before) this.chosen = null;
      this.rows = data.networks.map((network, index) => new Row(this, network, index));
      const legend = make("p", "inside-legend");
      const bar = pictureOf(Array.from({ length: 127 }, (_, i) => 2 * i - 126), 127, 1, 1, shade, "from dark blue to light yellow");
      bar.style.height = "12px";
      legend.append("negative ", bar, " positive; grey is 0. Each column has its own scale. Click any value to see how it came about. ");
      legend.append(make("span", "inside-swipe", "Swipe sideways for the next layer."));
      for (const [title, save] of [["Save as PNG", savePng], ["Save as SVG", saveSvg]]) {
        const button = make("button", "", title);
        button.type = "button";
        button.addEventListener("click", () => save(this));
        legend.append(button);
      }
      place.replaceChildren(...this.rows.map((row) => row.element), legend);
      this.resized.disconnect();
      this.resized.observe(place);
    }
    this.board?.listeners.add(this);
    if (isOther || JSON.stringify(before) !== JSON.stringify(data)) this.changed();
  }

  /** What is asked about, in the element that is its own. */
  showPanel(data, place) {
    this.data ??= data;
    const key = data.panel + JSON.stringify(data.classNames);
    if (key === this.panelKey && place.firstChild) {
      this.panel?.changed();
      return;
    }
    this.panelKey = key;
    const kinds = { why: ReasonsPanel, weights: WeightsPanel, map: MapPanel };
    this.place = place;
    this.panel = kinds[data.panel] ? new kinds[data.panel](this) : null;
    if (this.panel) {
      place.replaceChildren(this.panel.element);
      this.panel.changed();
    } else {
      place.replaceChildren(sentence(data.words.choose));
      this.showDetail();
    }
  }

  changed() {
    this.rows.forEach((row) => row.changed());
    this.panel?.changed();
  }

  choose(row, unit) {
    this.chosen = { row, unit };
    if (this.panel) document.querySelector(".st-key-inside_panel button")?.click(); // "How it came about" is the first
    this.rows.forEach((each) => each.changed());
    this.rows.forEach((each) => each.show());
  }

  took(row, message) {
    if (this.panel instanceof MapPanel && row.index === 0) this.panel.draw(this.panel.starOf(message) ?? null);
    if (row.index === this.chosen?.row) this.showDetail();
  }

  showDetail() {
    const row = this.rows[this.chosen?.row];
    if (this.panel || !this.place || !row?.message?.steps) return;
    if (String(row.message.unit) !== String(this.chosen.unit)) return;
    this.place.replaceChildren(...detailOf(this, row, row.message));
  }
}

/** All figures side by side: where each stands, and its words. */
function placed(view) {
  const parts = [];
  let [top, widest] = [0, 0];
  for (const row of view.rows) {
    let left = 0;
    parts.push({ text: `${row.network.label}: ${row.answer.textContent}`, left, top: top + 18 });
    for (const figure of row.figures) {
      parts.push({ canvas: figure.canvas, left, top: top + 28, width: figure.width, height: figure.height });
      parts.push({ text: figure.column.title, left, top: top + 28 + figure.height + 16 });
      left += figure.width + GAP;
    }
    widest = Math.max(widest, left);
    top += view.height() + CAPTION;
  }
  return { parts, width: widest, height: top };
}

function offer(name, url) {
  const link = make("a");
  link.href = url;
  link.download = name;
  link.click();
}

function savePng(view) {
  const { parts, width, height } = placed(view);
  const canvas = make("canvas");
  const density = Math.min(2, Math.sqrt(MAX_PIXELS_SAVED / (width * height)));
  canvas.width = width * density;
  canvas.height = height * density;
  const context = canvas.getContext("2d");
  context.scale(density, density);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#111";
  context.font = "13px sans-serif";
  for (const part of parts) {
    if (part.canvas) context.drawImage(part.canvas, part.left, part.top, part.width, part.height);
    else context.fillText(part.text, part.left, part.top);
  }
  offer("inside.png", canvas.toDataURL());
}

function saveSvg(view) {
  const { parts, width, height } = placed(view);
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const add = (name, values, text = "") => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(values).forEach(([key, value]) => element.setAttribute(key, value));
    element.textContent = text;
    picture.append(element);
  };
  Object.entries({ width, height, viewBox: `0 0 ${width} ${height}`, "font-family": "sans-serif", "font-size": 13 })
    .forEach(([key, value]) => picture.setAttribute(key, value));
  for (const { canvas, left, top, width: wide, height: high, text } of parts) {
    if (canvas) add("image", { x: left, y: top, width: wide, height: high, href: canvas.toDataURL() });
    else add("text", { x: left, y: top }, text);
  }
  const bytes = new TextEncoder().encode(new XMLSerializer().serializeToString(picture));
  offer("inside.svg", URL.createObjectURL(new Blob([bytes], { type: "image/svg+xml" })));
}

const views = (window.digitStudioViews ??= {});

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".inside-place");
  const view = (views[data.name] ??= new View(data.name));
  const show = () => (data.part === "panel" ? view.showPanel(data, place) : view.showColumns(data, place));
  // The canvas's own script may not have run yet.
  if (data.picture || window.digitStudioBoards?.[data.name]) show();
  else setTimeout(() => place.isConnected && show(), 300);
}
