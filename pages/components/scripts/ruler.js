// A slider from epoch to epoch that says all values there: for fingers and keys what the tool tip is for a pointer.

import { make } from "./elements.js";

function build(place) {
  const label = make("label");
  const slider = make("input");
  slider.type = "range";
  slider.min = 0;
  label.append("Ruler ", slider);
  place.replaceChildren(label, make("output"));
  slider.addEventListener("input", () => {
    place.chosen = place.data.epochs[slider.value];
    say(place);
  });
}

/** Stands at the chosen epoch, or else at the newest. */
function say(place) {
  const { epochs, lines, digits } = place.data;
  const slider = place.querySelector("input");
  const found = epochs.indexOf(place.chosen);
  const at = found < 0 ? epochs.length - 1 : found;
  slider.max = epochs.length - 1;
  slider.value = at;
  const values = lines.filter(({ values }) => values[at] !== null).map(({ name, values }) => `${name} ${values[at].toFixed(digits)}`);
  const text = [`epoch ${epochs[at]}`, ...values].join(" · ");
  slider.setAttribute("aria-valuetext", text);
  place.querySelector("output").textContent = text;
}

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".ruler");
  if (place.data?.run !== data.run) place.chosen = undefined;
  place.data = data;
  if (!place.firstChild) build(place);
  say(place);
}
