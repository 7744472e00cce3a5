// The style pad: styles on a map of the latent space; the nearer a style, the larger its weight.

import { shortStyle } from "./style_words.js";

const STEP = 0.04;
const FINE = 0.01;
const SNAP = 0.045;
const LEAST = 0.05; // smaller shares are omitted
const SVG = "http://www.w3.org/2000/svg";

// Return the weight of each place for a point: the inverse cube of its distance.
export function blend(point, places) {
  const near = Object.entries(places).map(([name, [x, y]]) => {
    return [name, Math.hypot(point[0] - x, point[1] - y)];
  });
  const [closest] = near.toSorted((a, b) => a[1] - b[1]);
  if (!closest) return {};
  if (closest[1] < SNAP) return { [closest[0]]: 1 };
  const kept = shares(near.map(([name, far]) => [name, far ** -3])).filter(([, w]) => w >= LEAST);
  return Object.fromEntries(shares(kept));
}

function shares(weights) {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return weights.map(([name, weight]) => [name, weight / total]);
}

// Return a blend in the syntax of the settings: bach:0.70,jazz:0.30
export function written(weights) {
  const parts = Object.entries(weights).sort((a, b) => b[1] - a[1]);
  if (parts.length === 1) return parts[0][0];
  return parts.map(([name, weight]) => `${name}:${weight.toFixed(2)}`).join(",");
}

function parsed(style) {
  const parts = style.split("/")[0].split(",").filter(Boolean);
  return shares(parts.map((part) => part.split(":")).map(([n, w]) => [n, w ? Number(w) : 1]));
}

export class Pad {
  #places = {};
  #point = [0.5, 0.5];
  #style = "";
  #lines = new Map();
  #labels = new Map();

  constructor(element, requests) {
    this.element = element;
    this.requests = requests;
    this.puck = element.querySelector(".puck");
    this.value = document.getElementById("style-value");
    this.any = document.getElementById("any-style");
    this.any.addEventListener("click", () => this.#request(""));
    this.puck.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target.closest(".place")) return;
      element.setPointerCapture(event.pointerId);
      this.puck.focus({ preventScroll: true });
      this.#drag(event);
    });
    element.addEventListener("pointermove", (event) => {
      if (element.hasPointerCapture(event.pointerId)) this.#drag(event);
    });
  }

  setPlaces(places) {
    this.#places = places;
    const drawing = this.element.querySelector("svg");
    drawing.replaceChildren();
    for (const label of this.#labels.values()) label.remove();
    this.#lines.clear();
    this.#labels.clear();
    for (const [name, [x, y]] of Object.entries(places)) {
      const line = document.createElementNS(SVG, "line");
      line.setAttribute("x2", 100 * x);
      line.setAttribute("y2", 100 * y);
      drawing.append(line);
      this.#lines.set(name, line);
      const label = document.createElement("button");
      label.type = "button";
      label.className = "place";
      label.append(Object.assign(document.createElement("span"), { textContent: name }));
      label.setAttribute("aria-label", `Style ${name}`);
      place(label, [x, y]);
      label.addEventListener("click", () => {
        this.#point = [x, y];
        this.#request(name);
      });
      this.element.append(label);
      this.#labels.set(name, label);
    }
    this.show(this.#style);
  }

  // Show the style that is set in the player.
  show(style) {
    this.#style = style;
    const weights = Object.fromEntries(parsed(style).filter(([name]) => name in this.#places));
    if (Object.keys(weights).length && this.requests.settled("style")) {
      this.#point = [0, 1].map((axis) =>
        Object.entries(weights).reduce((sum, [n, w]) => sum + w * this.#places[n][axis], 0),
      );
    }
    this.#draw(weights);
  }

  // Mark the style that sounds now.
  sounding(style) {
    const names = new Set(parsed(style ?? "").map(([name]) => name));
    for (const [name, label] of this.#labels) label.classList.toggle("sounds", names.has(name));
  }

  #drag(event) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    this.#go([(event.clientX - left) / width, (event.clientY - top) / height]);
  }

  #key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[event.key];
    if (event.key === "Home") this.#go([0.5, 0.5]);
    if (event.key === "Delete" || event.key === "Backspace") this.#request("");
    if (!move) return;
    event.preventDefault();
    const step = event.shiftKey ? FINE : STEP;
    this.#go(this.#point.map((at, axis) => at + step * move[axis]));
  }

  #go(point) {
    this.#point = point.map((at) => Math.min(Math.max(at, 0), 1));
    this.#request(written(blend(this.#point, this.#places)));
  }

  #request(style) {
    this.#style = style;
    this.requests.set({ style });
    this.#draw(Object.fromEntries(parsed(style)));
  }

  #draw(weights) {
    const any = !Object.keys(weights).length;
    this.element.classList.toggle("any", any);
    this.any.setAttribute("aria-pressed", any);
    place(this.puck, this.#point);
    for (const [name, line] of this.#lines) {
      const weight = weights[name] ?? 0;
      line.setAttribute("x1", 100 * this.#point[0]);
      line.setAttribute("y1", 100 * this.#point[1]);
      line.style.opacity = weight;
      this.#labels.get(name).style.setProperty("--weight", weight);
      this.#labels.get(name).setAttribute("aria-pressed", weight > 0.995);
    }
    const text = Object.entries(weights)
      .sort((a, b) => b[1] - a[1])
      .map(([name, weight]) => (weight > 0.995 ? name : `${name} ${Math.round(100 * weight)} %`))
      .join(", ");
    const walk = this.#style.includes("/") ? `a walk: ${shortStyle(this.#style)}` : "";
    this.value.textContent = walk || text || "each tune draws a style";
    this.puck.setAttribute("aria-valuetext", walk || text || "any style");
    this.puck.setAttribute("aria-valuenow", Math.round(100 * this.#point[0]));
  }
}

function place(element, [x, y]) {
  element.style.left = `${100 * x}%`;
  element.style.top = `${100 * y}%`;
}
