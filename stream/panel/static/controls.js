// Sliders and selections of the controls, which show changes by others too.

const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const KEYS = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
const MODES = ["major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian"];

const signed = (value) => `${value}`.replace("-", "−");
export const pitchName = (pitch) => `${NAMES[pitch % 12]}${signed(Math.floor(pitch / 12) - 1)}`;

// Ranges: the controls of their ends, and the distance that always remains between them.
const PAIRS = [
  { low: "low", high: "high", least: 12 },
  { low: "slowest", high: "fastest", least: 5 },
];

const remembered = (v) => (v < 0.005 ? "as composed" : v > 0.995 ? "a loop" : `${Math.round(100 * v)} %`);

// Values in words, for controls whose number alone says too little.
const WORDS = {
  density: (v) => (Math.abs(v) < 0.005 ? "as composed" : `${v > 0 ? "fuller" : "sparser"} ${Math.abs(Math.round(100 * v))} %`),
  pitch_memory: remembered,
  rhythm_memory: remembered,
  swing: (v) => (v < 0.005 ? "straight" : `${Math.round(100 * v)} %`),
  energy: (v) => `${Math.round(100 * v)} %`,
  arc: (v) => (v < 0.005 ? "still" : `${Math.round(100 * v)} %`),
  expression: (v) => (v < 0.005 ? "on the grid" : `${Math.round(100 * v)} %`),
  taste: (v) => (v < 0.005 ? "off" : `${Math.round(100 * v)} %`),
  volume: (v) => `${Math.round(100 * v)} %`,
  transpose: (v) => (v === 0 ? "0" : `${v > 0 ? "+" : ""}${signed(v)} semitones`),
  low: pitchName,
  high: pitchName,
};

export class Controls {
  #sliders = new Map();
  #autos = new Map(); // the button of each slider whose value the music may choose
  #key = document.getElementById("key");
  #mode = document.getElementById("mode");

  constructor(requests) {
    this.requests = requests;
    for (const slider of document.querySelectorAll("input[data-control]")) this.#connect(slider);
    KEYS.forEach((key, index) => this.#key.add(new Option(NAMES[index], key)));
    for (const mode of MODES) this.#mode.add(new Option(mode, mode));
    for (const choice of [this.#key, this.#mode]) {
      choice.addEventListener("change", () => this.#lock());
    }
  }

  show(controls) {
    for (const [name, slider] of this.#sliders) {
      if (name in controls && this.requests.settled(name)) {
        this.#setAuto(name, controls[name] === 0);
        if (!this.#isAuto(name)) slider.value = controls[name];
        show(slider);
      }
    }
    if ("scale" in controls && this.requests.settled("scale")) this.#showScale(controls.scale);
  }

  // Move the slider of the tempo along while each tune has its own.
  sounding(bpm) {
    if (!this.#isAuto("bpm")) return;
    const slider = this.#sliders.get("bpm");
    slider.value = bpm;
    show(slider);
  }

  #isAuto(name) {
    return this.#autos.get(name)?.ariaPressed === "true";
  }

  #setAuto(name, on) {
    this.#autos.get(name)?.setAttribute("aria-pressed", `${on}`);
  }

  // A press gives the value to the music, the next one keeps it where it is.
  #connectAuto(name, slider, button) {
    this.#autos.set(name, button);
    this.#setAuto(name, true);
    button.addEventListener("click", () => {
      this.#setAuto(name, !this.#isAuto(name));
      show(slider);
      this.requests.set({ [name]: this.#isAuto(name) ? 0 : Number(slider.value) });
    });
    slider.addEventListener("dblclick", () => {
      if (!this.#isAuto(name)) button.click();
    });
  }

  #connect(slider) {
    const name = slider.dataset.control;
    this.#sliders.set(name, slider);
    const auto = document.querySelector(`button[data-auto="${name}"]`);
    if (auto) this.#connectAuto(name, slider, auto);
    show(slider);
    slider.addEventListener("input", () => {
      this.#setAuto(name, false);
      const fields = { [name]: Number(slider.value) };
      const pair = PAIRS.find((each) => each.low === name || each.high === name);
      if (pair) Object.assign(fields, this.#range(pair, name));
      show(slider);
      this.requests.set(fields);
    });
    if (auto) return;
    const initial = slider.getAttribute("value");
    slider.addEventListener("dblclick", () => {
      slider.value = initial;
      slider.dispatchEvent(new Event("input"));
    });
  }

  // The ends of a range push each other, so that a part of it always remains.
  #range({ low, high, least }, moved) {
    const [from, to] = [this.#sliders.get(low), this.#sliders.get(high)];
    if (Number(to.value) - Number(from.value) < least) {
      if (moved === low) from.value = Math.min(Number(from.value), Number(from.max) - least);
      else to.value = Math.max(Number(to.value), Number(to.min) + least);
      if (moved === low) to.value = Math.max(Number(to.value), Number(from.value) + least);
      else from.value = Math.min(Number(from.value), Number(to.value) - least);
      show(from);
      show(to);
    }
    return { [low]: Number(from.value), [high]: Number(to.value) };
  }

  #lock() {
    this.#mode.disabled = !this.#key.value;
    this.requests.set({ scale: this.#key.value && `${this.#key.value} ${this.#mode.value}` });
  }

  #showScale(scale) {
    const [key, ...words] = scale.split(" ");
    const mode = words.join(" ");
    if (key && !KEYS.includes(key) && !this.#key.querySelector(`[value="${key}"]`)) {
      this.#key.add(new Option(key.replace("b", "♭").replace("#", "♯"), key));
    }
    this.#key.value = key;
    if (mode) {
      if (!MODES.includes(mode) && ![...this.#mode.options].some((o) => o.value === mode)) {
        this.#mode.add(new Option(mode, mode));
      }
      this.#mode.value = mode;
    }
    this.#mode.disabled = !key;
  }
}

// Position of the thumb's middle, which stays half its width away from the ends.
const along = (share) => (share ? `calc(10px + (100% - 20px) * ${share})` : "0px");

// Show a slider's value in words, and fill a part of its track.
export function show(slider) {
  const value = Number(slider.value);
  const decimals = slider.step.split(".")[1]?.length ?? 0;
  const text = WORDS[slider.dataset.control]?.(value) ?? value.toFixed(decimals);
  const share = (value - slider.min) / (slider.max - slider.min || 1);
  const dual = slider.closest(".dual");
  if (dual) dual.style.setProperty(slider === dual.firstElementChild ? "--low" : "--high", along(share));
  const middle = slider.hasAttribute("data-middle") ? -slider.min / (slider.max - slider.min) : 0;
  slider.style.setProperty("--from", along(Math.min(share, middle)));
  slider.style.setProperty("--to", along(Math.max(share, middle)));
  const auto = document.querySelector(`button[data-auto="${slider.id}"]`)?.ariaPressed === "true";
  slider.setAttribute("aria-valuetext", auto ? `automatic, now ${text}` : text);
  const output = document.querySelector(`output[for="${slider.id}"]`);
  if (output) output.textContent = text;
}
