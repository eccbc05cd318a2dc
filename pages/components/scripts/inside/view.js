// The inside of one or two networks, moved by the pen: columns above, and below them what is asked about.

import { shade, pictureOf } from "./colours.js";
import { make } from "../elements.js";
import { Row } from "./columns.js";
import { detailOf, sentence } from "./detail.js";
import { columnsPlaced, elementPlaced, saveButtons } from "./save.js";
import { ReasonsPanel } from "./reasons.js";
import { WeightsPanel } from "./weights.js";
import { MapPanel } from "./map.js";

/* From this width on, two networks stand side by side. */
const ROOM_FOR_TWO = 1420;

class View {
  constructor(name) {
    this.name = name;
    this.rows = [];
    this.chosen = null;
    this.asked = 0; // the network that the panel is about
    this.resized = new ResizeObserver(() => this.fit());
  }

  /** Takes the room that there is. */
  fit() {
    const place = this.rows[0]?.element.parentElement;
    place?.classList.toggle("inside-two", this.rows.length > 1 && place.clientWidth >= ROOM_FOR_TWO);
    this.rows.forEach((row) => row.show());
  }

  get board() {
    return window.digitStudioBoards?.[this.name];
  }

  networks() {
    return this.data.networks;
  }

  /** The network that the panel is about. */
  get network() {
    return this.networks()[this.asked] ?? this.networks()[0];
  }

  /** The beginning of every question about a network, by default about the one of the panel. */
  question(network = this.network) {
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
      if (this.asked >= data.networks.length) this.asked = 0;
      this.rows = data.networks.map((network, index) => new Row(this, network, index));
      const legend = make("p", "inside-legend");
      const bar = pictureOf(Array.from({ length: 127 }, (_, i) => 2 * i - 126), 127, 1, 1, shade, "from dark blue to light yellow");
      bar.style.height = "12px";
      legend.append("negative ", bar, " positive; grey is 0. Each column has its own scale. Click any value to see how it came about. ");
      legend.append(make("span", "inside-swipe", "Swipe sideways for the next layer."));
      legend.append(...saveButtons("inside", () => columnsPlaced(this)));
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
    this.panelName = data.panel;
    this.which ??= make("div", "inside-buttons");
    this.showWhich();
    const key = data.panel + JSON.stringify(data.classNames);
    if (key === this.panelKey && place.contains(this.place)) {
      this.panel?.changed();
      return;
    }
    this.panelKey = key;
    const kinds = { why: ReasonsPanel, weights: WeightsPanel, map: MapPanel };
    this.place = make("div");
    const saving = make("div", "inside-buttons");
    saving.append(...saveButtons(data.panel, () => elementPlaced(this.place)));
    place.replaceChildren(this.which, this.place, saving);
    this.panel = kinds[data.panel] ? new kinds[data.panel](this) : null;
    if (this.panel) {
      this.place.replaceChildren(this.panel.element);
      this.panel.changed();
    } else {
      this.place.replaceChildren(sentence(data.words.choose));
      this.showDetail();
    }
  }

  /** Which of two networks the panel is about; a value that is explained belongs to its own. */
  showWhich() {
    const networks = this.networks();
    this.which.hidden = networks.length < 2 || this.panelName === "how";
    this.which.setAttribute("role", "radiogroup");
    this.which.setAttribute("aria-label", "Network");
    this.which.replaceChildren(...networks.map(({ label }, place) => {
      const button = make("button", "", label);
      button.type = "button";
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(place === this.asked));
      button.addEventListener("click", () => {
        this.asked = place;
        this.showWhich();
        this.panel?.changed();
      });
      return button;
    }));
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
    if (this.panel instanceof MapPanel && row.index === this.asked) this.panel.draw(this.panel.starOf(message) ?? null);
    if (row.index === this.chosen?.row) this.showDetail();
  }

  showDetail() {
    const row = this.rows[this.chosen?.row];
    if (this.panel || !this.place || !row?.message?.steps) return;
    if (String(row.message.unit) !== String(this.chosen.unit)) return;
    this.place.replaceChildren(...detailOf(this, row, row.message));
  }
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
