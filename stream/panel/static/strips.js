// The parts that play, each by its color: a switch that mutes it, and its level.

import { changed, instrumentName, mutedRoles, partColor, partLevels, partName } from "./parts.js";

const $ = (id) => document.getElementById(id);
const element = (name, properties) => Object.assign(document.createElement(name), properties);
const USUAL = 100; // percent
const LOUDEST = 150;

export class Strips {
  #strips = new Map();
  #changes = "";
  #shown = "";

  constructor(requests) {
    this.requests = requests;
    this.muted = new Set(); // roles of the silent parts
    addEventListener("themechange", () => this.#draw());
  }

  // Show what is set in the player.
  show({ parts = "" }) {
    if (this.requests.settled("parts")) this.#setChanges(parts);
  }

  // Show the parts of the phrase that sounds. A strip stays while its part does, under any finger.
  sounding(phrase) {
    const { ensemble = "", parts = [] } = phrase ?? {};
    const shown = JSON.stringify([Boolean(ensemble), parts]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const roles = parts.map(({ role }) => role);
    if (`${roles}` !== `${[...this.#strips.keys()]}`) this.#build(roles);
    for (const part of parts) this.#describe(part, Boolean(ensemble));
    $("legend").hidden = parts.length === 0;
    this.#draw();
  }

  #build(roles) {
    const focused = document.activeElement?.closest("#legend .strip")?.dataset.role;
    this.#strips = new Map(roles.map((role) => [role, this.#strip(role)]));
    $("legend").replaceChildren(...[...this.#strips.values()].map(({ row }) => row));
    this.#strips.get(focused)?.button.focus();
  }

  #strip(role) {
    const row = element("div", { className: "strip" });
    row.dataset.role = role;
    const dot = element("i", { className: "dot" });
    const instrument = element("small");
    const button = element("button", { type: "button", value: role });
    button.append(dot, element("span", { textContent: partName({ role }) }), instrument);
    button.addEventListener("click", () => this.#request(role, { off: !this.muted.has(role) }));
    const slider = element("input", { type: "range", min: 0, max: LOUDEST, step: 5, value: USUAL });
    slider.setAttribute("aria-label", `Level of ${role}`);
    const value = element("output");
    slider.addEventListener("input", () => this.#request(role, { level: Number(slider.value) }));
    slider.addEventListener("dblclick", () => this.#request(role, { level: USUAL }));
    row.append(button, slider, value);
    return { row, button, dot, instrument, slider, value };
  }

  #request(role, change) {
    this.#setChanges(changed(this.#changes, role, change));
    this.requests.set({ parts: this.#changes });
  }

  #describe(part, enabled) {
    const { button, instrument, slider, row } = this.#strips.get(part.role);
    instrument.textContent = part.rests ? "rests" : instrumentName(part);
    instrument.title = instrumentName(part);
    instrument.classList.toggle("rests", Boolean(part.rests));
    button.disabled = slider.disabled = !enabled;
    row.classList.toggle("alone", !enabled);
  }

  #setChanges(text) {
    this.#changes = text;
    this.muted = mutedRoles(text);
    this.#draw();
  }

  #draw() {
    const levels = partLevels(this.#changes);
    for (const [role, { row, button, dot, slider, value }] of this.#strips) {
      const plays = !this.muted.has(role);
      const level = levels.get(role) ?? USUAL;
      row.style.setProperty("--color", partColor({ role }, false));
      button.setAttribute("aria-pressed", plays);
      button.title = plays ? "Mute this part" : "Let this part play";
      dot.className = plays ? "dot" : "dot off";
      slider.value = level;
      slider.style.setProperty("--to", `calc(10px + (100% - 20px) * ${level / LOUDEST})`);
      slider.setAttribute("aria-valuetext", `${level} %`);
      value.textContent = `${level} %`;
    }
  }
}
