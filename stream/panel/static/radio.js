// Radio: Listen plays the real instruments where the player streams them, else the page's own.

import { store, stored } from "./stored.js";

const $ = (id) => document.getElementById(id);
const KEY = "radio"; // false if the page's own instruments are preferred
const PAUSES = [1, 2, 4, 8, 16]; // seconds before the stream is opened again

export class Radio {
  #audio = new Audio();
  #streaming = false;
  #available = false;
  #failures = 0;
  #timer = 0;

  constructor(listen) {
    this.listen = listen;
    $("radio-listen").checked = stored(KEY) !== false;
    $("radio-listen").addEventListener("change", () => this.#prefer());
    this.#audio.addEventListener("playing", () => (this.#failures = 0));
    for (const event of ["error", "ended"]) {
      this.#audio.addEventListener(event, () => this.#retry());
    }
  }

  // Show which outputs are connected; without the radio the page plays by itself.
  outputs(names) {
    this.#available = names.some((name) => name.startsWith("radio:"));
    $("radio").hidden = !this.#available;
    if (this.on) this.#choose();
  }

  get on() {
    return this.listen.on || this.#streaming;
  }

  // Call this from a click, because browsers allow no sound before one.
  async start() {
    if (this.#wanted) this.#open();
    else await this.listen.start();
  }

  stop() {
    this.listen.stop();
    this.#close();
  }

  set volume(share) {
    this.listen.volume = share;
    this.#audio.volume = share;
  }

  silence() {
    this.listen.silence();
  }

  get #wanted() {
    return this.#available && $("radio-listen").checked;
  }

  #prefer() {
    store(KEY, $("radio-listen").checked);
    if (this.on) this.#choose();
  }

  // Go on listening with the instruments that are wanted now.
  #choose() {
    if (this.#wanted === this.#streaming) return;
    this.stop();
    this.start();
  }

  #open() {
    clearTimeout(this.#timer);
    this.#streaming = true;
    // Another address each time: browsers would go on where a stream was left, not where it is.
    this.#audio.src = `/radio.mp3?at=${Date.now()}`;
    this.#audio.play().catch(() => {}); // "error" follows, or it was stopped again
  }

  #close() {
    clearTimeout(this.#timer);
    this.#streaming = false;
    this.#failures = 0;
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  #retry() {
    if (!this.#streaming) return;
    const pause = PAUSES[Math.min(this.#failures++, PAUSES.length - 1)];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), 1000 * pause);
  }
}
