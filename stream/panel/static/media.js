// What the system is told: a title and buttons for its lock screen, and to keep the screen on.

import { store, stored } from "./stored.js";

const ARTWORK = [
  { src: "/icon-192.png", sizes: "192x192", type: "image/png" },
  { src: "/icon-512.png", sizes: "512x512", type: "image/png" },
];
const KEY = "awake";

// The title and the buttons that systems show for media that sounds.
export class MediaControls {
  #session = navigator.mediaSession;

  constructor(actions) {
    for (const [name, action] of Object.entries(actions)) this.#connect(name, action);
  }

  show(title, artist) {
    if (!this.#session || !globalThis.MediaMetadata) return;
    this.#session.metadata = new MediaMetadata({ title, artist, album: "Perpetuum", artwork: ARTWORK });
  }

  set playing(playing) {
    if (this.#session) this.#session.playbackState = playing ? "playing" : "paused";
  }

  #connect(name, action) {
    try {
      this.#session?.setActionHandler(name, action);
    } catch {
      // This browser does not know the action.
    }
  }
}

// A switch that keeps the screen on; hidden where browsers do not allow it, such as over plain HTTP.
export class Awake {
  #lock = null;

  constructor(box, row) {
    this.box = box;
    row.hidden = !("wakeLock" in navigator);
    if (row.hidden) return;
    box.checked = stored(KEY) === true;
    box.addEventListener("change", () => {
      store(KEY, box.checked);
      this.#apply();
    });
    document.addEventListener("visibilitychange", () => this.#apply()); // a hidden page loses its lock
    this.#apply();
  }

  async #apply() {
    try {
      if (!this.box.checked) await this.#lock?.release();
      else if (!document.hidden) this.#lock = await navigator.wakeLock.request("screen");
    } catch {
      // Refused, as when the battery is low; it is asked for again when the page is shown again.
    }
  }
}
