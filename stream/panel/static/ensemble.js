// The ensemble: a choice of who plays, a switch for each part, which is the roll's legend as well.

import { instrumentName, mutedRoles, partColor, partName, switched } from "./parts.js";

const $ = (id) => document.getElementById(id);
const element = (name, properties) => Object.assign(document.createElement(name), properties);

export class Ensemble {
  #titles = new Map();
  #chosen = "";
  #changes = "";
  #shown = "";

  constructor(requests) {
    this.requests = requests;
    this.muted = new Set(); // roles of the silent parts
    $("ensemble").addEventListener("change", () => {
      this.#chosen = $("ensemble").value;
      requests.set({ ensemble: this.#chosen });
    });
  }

  hello({ ensembles = [] }) {
    this.#titles = new Map(ensembles.map(({ name, title }) => [name, title]));
    const options = [...this.#titles].map(([name, title]) => new Option(title, name));
    $("ensemble").replaceChildren(new Option("as the style says", ""), ...options);
    this.#choose(this.#chosen);
  }

  // Show what is set in the player.
  show({ ensemble = "", parts = "" }) {
    if (this.requests.settled("ensemble")) this.#choose(ensemble);
    if (this.requests.settled("parts")) this.#setChanges(parts);
  }

  // Show who plays in the phrase that sounds.
  sounding(phrase) {
    const { ensemble = "", parts = [] } = phrase ?? {};
    const shown = JSON.stringify([ensemble, parts]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const title = this.#titles.get(ensemble) ?? ensemble;
    $("ensemble-now").textContent = title ? `Now: ${title}` : phrase ? "Now: the voice alone" : "";
    const focused = document.activeElement?.parentElement === $("legend") && document.activeElement.value;
    $("legend").replaceChildren(...parts.map((part) => this.#switch(part, Boolean(ensemble))));
    $("legend").hidden = parts.length === 0;
    if (focused) $("legend").querySelector(`[value="${focused}"]`)?.focus();
    this.#draw();
  }

  #choose(name) {
    this.#chosen = name;
    if (![...$("ensemble").options].some((option) => option.value === name)) {
      $("ensemble").add(new Option(name, name));
    }
    $("ensemble").value = name;
  }

  #setChanges(text) {
    this.#changes = text;
    this.muted = mutedRoles(text);
    this.#draw();
  }

  #switch(part, enabled) {
    const button = element("button", { type: "button", value: part.role, disabled: !enabled });
    const dot = element("i", { className: "dot" });
    dot.style.setProperty("--color", partColor(part, false));
    const text = part.rests ? "rests" : instrumentName(part);
    const instrument = element("small", { textContent: text, title: instrumentName(part) });
    instrument.classList.toggle("rests", Boolean(part.rests));
    button.append(dot, element("span", { textContent: partName(part) }), instrument);
    button.addEventListener("click", () => {
      this.#setChanges(switched(this.#changes, part.role));
      this.requests.set({ parts: this.#changes });
    });
    return button;
  }

  #draw() {
    for (const button of $("legend").children) {
      const plays = !this.muted.has(button.value);
      button.setAttribute("aria-pressed", plays);
      button.title = plays ? "Turn this part off" : "Turn this part on";
    }
  }
}
