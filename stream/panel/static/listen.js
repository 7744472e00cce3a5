// Listen: the page plays the notes with a small synthesizer, scheduled ahead on the audio clock.

import { closesHat, opensHat, strike } from "./drums.js";
import { Mixer } from "./mixer.js";
import { DRUMS } from "./parts.js";
import { timbreOf } from "./timbres.js";
import { tone } from "./tones.js";

const AHEAD = 1.6; // seconds; a page in the background is woken only once per second
const STEP = 80; // milliseconds
const LATE = 0.12; // seconds; notes that should have begun longer ago are skipped

export class Listen {
  #context = null;
  #mixer = null;
  #openHat = null; // voice of the last open hi-hat, which a closed one ends
  #voices = new Map(); // scheduled and sounding voices, by note
  #timer = 0;
  #volume = 0.7; // of this browser
  #playerVolume = 1;

  constructor(recentPhrases) {
    this.recentPhrases = recentPhrases;
    recentPhrases.addEventListener("changed", ({ detail }) => this.#changed(detail));
  }

  get on() {
    return this.#timer !== 0;
  }

  // Call this from a click, because browsers allow no sound before one.
  async start() {
    this.#context ??= new AudioContext({ latencyHint: "interactive" });
    this.#mixer ??= new Mixer(this.#context, this.#volume * this.#playerVolume);
    this.#timer ||= setInterval(() => this.#schedule(), STEP);
    await this.#context.resume();
    this.#schedule();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.silence();
  }

  set volume(share) {
    this.#volume = share;
    this.#level();
  }

  // The page is as loud as the player's outputs are.
  set playerVolume(share) {
    this.#playerVolume = share;
    this.#level();
  }

  #level() {
    if (this.#mixer) this.#mixer.volume = this.#volume * this.#playerVolume;
  }

  // End all voices now; queued notes are scheduled again.
  silence() {
    for (const [note, voice] of this.#voices) this.#end(note, voice);
  }

  // End all voices after a panic.
  panic() {
    this.silence();
  }

  #schedule() {
    const context = this.#context;
    if (context.state !== "running" || this.recentPhrases.frozen !== null) return;
    const now = this.recentPhrases.clock.now();
    for (const note of this.recentPhrases.notes(now - LATE, now + AHEAD)) {
      if (this.#voices.has(note) || note.scheduled || note.onset < now - LATE) continue;
      const at = Math.max(context.currentTime + note.onset - now, context.currentTime);
      this.#voices.set(note, this.#voice(note, at));
      note.scheduled = true;
    }
  }

  #voice(note, at) {
    const { part } = note;
    const drum = part?.role === DRUMS;
    if (drum && closesHat(note)) this.#closeHat(at);
    const output = this.#mixer.input(part, note.pitch);
    const voice = drum
      ? strike(this.#context, output, note, part.program, at)
      : tone(this.#context, output, note, timbreOf(part), at);
    if (drum && opensHat(note)) this.#openHat = voice;
    voice.sources[0].source.addEventListener("ended", () => {
      if (this.#voices.get(note) === voice) this.#voices.delete(note);
      voice.level.disconnect();
    });
    return voice;
  }

  #closeHat(at) {
    this.#openHat?.level.gain.setTargetAtTime(0, Math.max(at, this.#openHat.at), 0.012);
    this.#openHat = null;
  }

  // Notes from `from` on have changed: end them, and let the scheduler start them again.
  #changed({ from, ends }) {
    if (!ends || !this.#context) return;
    for (const [note, voice] of this.#voices) {
      const gone = note.onset >= from || !this.#queued(note);
      if (gone || voice.at > this.#context.currentTime) this.#end(note, voice);
      else if (!voice.struck) this.#shorten(note, voice);
    }
  }

  #queued(note) {
    return this.recentPhrases.phrases.some((phrase) => phrase.notes.includes(note));
  }

  #shorten(note, voice) {
    const left = note.onset + note.duration - this.recentPhrases.clock.now();
    const end = this.#context.currentTime + Math.max(left, 0);
    if (end < voice.end) this.#release(voice, end);
  }

  #end(note, voice) {
    const unplayed = voice.at > this.#context.currentTime;
    this.#release(voice, this.#context.currentTime);
    this.#voices.delete(note);
    if (unplayed) note.scheduled = false;
  }

  #release(voice, at) {
    voice.end = at;
    const { gain } = voice.level;
    gain.cancelScheduledValues(at);
    if (voice.at > at) gain.setValueAtTime(0, at);
    gain.setTargetAtTime(0, at, 0.02);
    // A voice that has not begun is cancelled.
    for (const { source } of voice.sources) source.stop(voice.at > at ? at : at + 0.15);
  }
}
