// The outputs, and the controllers of the synthesizer's profile.

import { show } from "./controls.js";

const $ = (id) => document.getElementById(id);
const element = (name, properties) => Object.assign(document.createElement(name), properties);

export class Instrument {
  #ports = [];
  #playing = [];
  #known = new Set();
  #rows = new Map();

  constructor(link, showMessage) {
    this.link = link;
    this.showMessage = showMessage;
  }

  hello({ profile }) {
    this.#controllers(profile);
  }

  ports(ports) {
    this.#ports = ports;
    this.#draw();
  }

  outputs(names) {
    this.#playing = names;
    for (const name of names) this.#known.add(name);
    this.#draw();
  }

  #draw() {
    // Outputs that have played stay listed when they are unplugged; they may come back.
    for (const name of [...this.#known, ...this.#ports]) {
      if (!this.#rows.has(name)) this.#add(name);
    }
    for (const [name, { row, box, absent }] of this.#rows) {
      const present = this.#ports.includes(name) || !name.startsWith("port:");
      box.checked = this.#playing.includes(name);
      absent.hidden = present;
      row.hidden = !present && !this.#known.has(name);
    }
    $("no-outputs").hidden = this.#rows.size > 0;
  }

  #add(name) {
    const row = element("label", { className: "choice" });
    const box = element("input", { type: "checkbox" });
    const absent = element("small", { textContent: "not connected" });
    box.addEventListener("change", () => this.#choose(box));
    row.append(box, element("span", { textContent: label(name) }), absent);
    $("outputs").append(row);
    this.#rows.set(name, { row, box, absent });
  }

  async #choose(box) {
    // An output that was just checked may not play yet; it is requested anyway.
    const chosen = [...this.#rows].filter(([, row]) => row.box.checked).map(([name]) => name);
    if (!chosen.length) {
      box.checked = true;
      this.showMessage("At least one output must play; choose another one first.");
      return;
    }
    if (!(await this.#request({ out: chosen }))) this.#draw();
  }

  async #request(command) {
    const answer = await this.link.request(command);
    if (answer.refused) this.showMessage(answer.refused);
    return !answer.refused;
  }

  #controllers(profile) {
    const names = Array.isArray(profile?.cc) ? profile.cc : Object.keys(profile?.cc ?? {});
    $("profile").hidden = !names.length;
    $("profile-name").textContent = profile?.name ?? "Synthesizer";
    $("controllers").replaceChildren(...names.map((name, index) => this.#controller(name, index)));
  }

  // A controller whose value only the synthesizer knows, until it is moved here.
  #controller(name, index) {
    const id = `cc-${index}`;
    const slider = element("input", { type: "range", id, min: 0, max: 127, value: 64, className: "unknown" });
    slider.setAttribute("aria-valuetext", "not known");
    let busy = false;
    const send = async () => {
      slider.classList.remove("unknown");
      show(slider);
      if (busy) return;
      busy = true;
      const sent = slider.value;
      await this.#request({ cc: { [name]: Number(sent) } });
      busy = false;
      if (slider.value !== sent) send();
    };
    slider.addEventListener("input", send);
    const row = element("div", { className: "slider" });
    const label = element("label", { htmlFor: id, textContent: name.replaceAll("_", " ") });
    row.append(label, element("output", { htmlFor: id, textContent: "–" }), slider);
    return row;
  }
}

function label(name) {
  if (name.startsWith("radio:")) return `radio at ${name.slice(6)}`;
  if (name === "null") return "nothing (only this browser)";
  if (name.startsWith("port:")) return name.slice(5);
  return name.replace(/^fluidsynth/, "this machine's speakers").replace(":", ": ");
}
