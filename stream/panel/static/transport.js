// The buttons: play and pause, next tune, panic, Listen, stars, and saving the last ten minutes.

import { show } from "./controls.js";
import { connectKeys } from "./keys.js";
import { MediaControls } from "./media.js";

const $ = (id) => document.getElementById(id);
const MINUTES = 10;

export class Transport {
  playing = true;
  shown = null; // number of the displayed tune

  constructor(link, listen, showMessage) {
    this.link = link;
    this.listen = listen;
    this.showMessage = showMessage;
    $("play").addEventListener("click", () => this.#request({ play: !this.playing }));
    $("next").addEventListener("click", () => this.#request({ next: true }));
    $("panic").addEventListener("click", () => this.#panic());
    $("listen").addEventListener("click", () => this.#listen());
    const volume = $("listen-volume");
    volume.addEventListener("input", () => {
      listen.volume = volume.value / 100;
      show(volume);
    });
    listen.volume = volume.value / 100;
    show(volume);
    $("save").addEventListener("click", () => this.#save());
    for (const star of document.querySelectorAll("#stars button")) {
      star.addEventListener("click", () => this.#rate(Number(star.value)));
    }
    connectKeys();
    this.media = new MediaControls({
      play: () => this.#request({ play: true }),
      pause: () => this.#request({ play: false }),
      nexttrack: () => this.#request({ next: true }),
    });
  }

  show(playing) {
    this.playing = playing;
    document.body.classList.toggle("paused", !playing);
    $("play-label").textContent = playing ? "Pause" : "Play";
    this.media.playing = playing;
  }

  // Show that another tune has begun; the stars are for it.
  tune(number) {
    this.shown = number;
    this.#stars(0);
  }

  #panic() {
    this.listen.silence();
    this.#request({ panic: true });
  }

  async #listen() {
    if (this.listen.on) this.listen.stop();
    else await this.listen.start();
    $("listen").setAttribute("aria-pressed", this.listen.on);
    document.body.classList.toggle("listening", this.listen.on);
  }

  async #rate(stars) {
    const tune = this.shown;
    this.#stars(stars);
    // The next tune may have begun when the request arrives.
    const request = tune === null ? { stars } : { stars: { stars, tune } };
    const answer = await this.#request(request);
    if (answer) this.showMessage(`${stars} of 5 stars for ${tune === null ? "the tune" : `tune ${tune + 1}`}.`);
    else if (tune === this.shown) this.#stars(0);
  }

  #stars(count) {
    for (const star of document.querySelectorAll("#stars button")) {
      star.setAttribute("aria-pressed", Number(star.value) === count);
      star.classList.toggle("lit", Number(star.value) <= count);
    }
  }

  async #save() {
    $("save").disabled = true;
    const answer = await this.#request({ save: MINUTES });
    $("save").disabled = false;
    if (!answer?.link) return;
    const link = $("download");
    link.href = answer.link;
    link.download = answer.file;
    link.textContent = answer.file;
    $("saved").hidden = false;
    link.click();
  }

  async #request(command) {
    const answer = await this.link.request(command);
    if (answer.refused) this.showMessage(answer.refused);
    return answer.refused ? null : answer;
  }
}
