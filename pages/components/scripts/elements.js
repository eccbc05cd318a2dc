// What every script makes of the page.

export function make(name, className = "", text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** A share of 1 as the server writes it: never rounded up to certainty. */
export function share(value) {
  return value > 0.999 ? "> 99.9 %" : `${(100 * value).toFixed(1)} %`;
}
