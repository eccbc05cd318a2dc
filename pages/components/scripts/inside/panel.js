// What panels about a whole network share: they ask once for each network, whatever is drawn.

import { make } from "../elements.js";
import { line } from "../socket.js";

export class NetworkPanel {
  constructor(view, className, wish) {
    Object.assign(this, { view, wish });
    this.element = make("div", className);
  }

  /** Another network, or another drawing, which is of no interest here. */
  changed() {
    if (!this.isKnown) line.want(this);
  }

  /** Whether what is shown is about the network that is asked about. */
  get isKnown() {
    return JSON.stringify(this.view.network) === this.key;
  }

  about() {
    return "";
  }

  frame() {
    if (!this.element.isConnected) return null;
    this.asked = JSON.stringify(this.view.network);
    return { ...this.view.question(), wish: this.wish };
  }

  wait() {}

  /** The answer has come, and is about the network that was asked for. */
  know() {
    this.key = this.asked;
  }
}
