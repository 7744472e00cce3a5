// The piano roll: notes move to the left, past the playhead; queued notes are visible on the right.
// Each part has a color of its own. The hue of a single part follows the circle of fifths, so that
// notes close in harmony are close in color.

import { laneOf } from "./drum_kit.js";
import { DrumStrip, STRIP } from "./drum_strip.js";
import { color } from "./palette.js";
import { DRUMS, partColor, pitchColor } from "./parts.js";
import { shortStyle } from "./style_words.js";

const BLACK = new Set([1, 3, 6, 8, 10]);
const KEYS = 34; // pixels of keyboard
const LEAST = 25; // semitones in view
const CALM_STEP = 250; // milliseconds between frames if reduced motion is preferred

const isDrum = (note) => note.part?.role === DRUMS;

export class Roll {
  #low = 48;
  #high = 84;
  #size = { width: 0, height: 0 };
  #drawn = 0;

  constructor(canvas, recentPhrases, strips, calm) {
    this.canvas = canvas;
    this.recentPhrases = recentPhrases;
    this.strips = strips;
    this.calm = calm; // a media query: prefers-reduced-motion
    this.context = canvas.getContext("2d");
    this.drums = new DrumStrip(this.context, KEYS);
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#resize();
    requestAnimationFrame((at) => this.#frame(at));
  }

  #resize() {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const { width, height } = this.canvas.getBoundingClientRect();
    this.#size = { width, height };
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#drawn = 0;
  }

  #frame(at) {
    requestAnimationFrame((next) => this.#frame(next));
    if (this.calm.matches && at - this.#drawn < CALM_STEP) return;
    this.#drawn = at;
    this.#draw();
  }

  // Return the visible times. If reduced motion is preferred, the roll stands still until the
  // playhead reaches its end, and then turns a page.
  #window(now) {
    const span = Math.min(Math.max(this.#size.width / 95, 6), 14);
    if (this.calm.matches) return { from: Math.floor(now / span) * span, span };
    return { from: now - 0.3 * span, span };
  }

  #draw() {
    const { context, recentPhrases } = this;
    const { width, height } = this.#size;
    const now = recentPhrases.now();
    const { from, span } = this.#window(now);
    const all = [...recentPhrases.notes(from, from + span)];
    const notes = all.filter((note) => !isDrum(note));
    const hits = all.filter(isDrum);
    const floor = height - (this.#drummed(from, span) ? STRIP : 0);
    this.#fit(notes);
    const row = floor / (this.#high - this.#low + 1);
    const x = (time) => KEYS + ((time - from) / span) * (width - KEYS);
    const y = (pitch) => (this.#high - pitch) * row;
    context.clearRect(0, 0, width, height);
    this.#paper(row, y);
    const names = this.#lines(x, from, span);
    for (const note of notes) this.#note(note, now, x, y(note.pitch), row);
    this.#keyboard(row, y, notes.filter((n) => this.#sounds(n, now)));
    if (floor < height) this.#strip(hits, now, x, floor);
    this.#names(names);
    context.fillStyle = color("playhead");
    context.fillRect(Math.round(x(now)) - 0.5, 0, 1.5, height);
  }

  // Return whether a phrase in view has drums; they may rest.
  #drummed(from, span) {
    return this.recentPhrases.phrases.some(
      ({ parts = [], start, end }) =>
        start < from + span && end > from && parts.some(({ role }) => role === DRUMS),
    );
  }

  #sounds(note, now) {
    return note.onset <= now && now < note.onset + note.duration && !this.#muted(note);
  }

  #muted(note) {
    return note.part !== null && (note.part.silent || this.strips.muted.has(note.part.role));
  }

  #color(note, bright, chroma, alpha = 1) {
    if (!note.part || note.alone) return pitchColor(note.pitch, bright, chroma, alpha);
    return partColor(note.part, this.#muted(note), bright, alpha);
  }

  #strip(hits, now, x, top) {
    this.drums.paper(top, this.#size.width);
    const lit = new Set();
    for (const hit of hits) {
      const age = now - hit.onset;
      const fresh = age >= 0 && age < 0.12 && !this.#muted(hit);
      if (fresh) lit.add(laneOf(hit.pitch));
      const alpha = fresh ? 1 : (age > 0 ? 0.45 : 0.6) + 0.3 * (hit.velocity / 127);
      const color = partColor(hit.part, this.#muted(hit), fresh ? 0.1 : age > 0 ? -0.25 : -0.08, alpha);
      if (x(hit.onset) > KEYS - 4) this.drums.hit(hit, x(hit.onset), top, color);
    }
    this.drums.names(top, lit);
  }

  // Move the bounds of the visible pitches gradually to those of the notes.
  #fit(notes) {
    let low = Math.min(...notes.map((n) => n.pitch), 72) - 3;
    let high = Math.max(...notes.map((n) => n.pitch), 60) + 3;
    const spare = Math.max(LEAST - (high - low + 1), 0);
    low -= spare / 2;
    high += spare / 2;
    const share = this.calm.matches ? 1 : 0.06;
    this.#low += (low - this.#low) * share;
    this.#high += (high - this.#high) * share;
  }

  #paper(row, y) {
    const { context } = this;
    for (let pitch = Math.floor(this.#low); pitch <= this.#high + 1; pitch++) {
      const black = BLACK.has(((pitch % 12) + 12) % 12);
      if (black) {
        context.fillStyle = color("roll-black");
        context.fillRect(KEYS, y(pitch), this.#size.width, row);
      }
      if (pitch % 12 === 0) {
        context.fillStyle = color("roll-octave");
        context.fillRect(KEYS, y(pitch) + row - 0.5, this.#size.width, 1);
      }
    }
  }

  // Draw bar lines and the begins of phrases; return the names of tunes and their places.
  #lines(x, from, span) {
    const { context } = this;
    const { height } = this.#size;
    const names = [];
    let tune = null;
    for (const phrase of this.recentPhrases.phrases) {
      const opens = tune !== null && phrase.tune !== tune;
      tune = phrase.tune;
      if (phrase.end < from || phrase.start > from + span) continue;
      const bar = phrase.bar > 0.1 ? phrase.bar : 60 / phrase.bpm;
      context.fillStyle = color("roll-bar");
      for (let at = phrase.start + bar; at < phrase.end - bar / 2; at += bar) {
        if (x(at) > KEYS) context.fillRect(Math.round(x(at)), 0, 1, height);
      }
      const left = Math.round(x(phrase.start));
      if (left < KEYS) continue;
      context.fillStyle = color(opens ? "accent" : "roll-phrase");
      context.fillRect(left, 0, 1, height);
      if (opens) names.push([`tune ${phrase.tune + 1} · ${shortStyle(phrase.style)}`, left + 7]);
    }
    return names;
  }

  // Draw the names of tunes above the notes.
  #names(names) {
    const { context } = this;
    context.font = "600 11px system-ui, sans-serif";
    for (const [text, left] of names) {
      context.fillStyle = color("roll");
      context.fillRect(left - 3, 4, context.measureText(text).width + 6, 15);
      context.fillStyle = color("accent");
      context.fillText(text, left, 15);
    }
  }

  #note(note, now, x, top, row) {
    const { context } = this;
    const left = Math.max(x(note.onset), KEYS - 8);
    const width = Math.max(x(note.onset + note.duration) - left - 1.5, 3);
    const height = Math.max(row - 1.5, 3.5);
    const loud = 0.55 + 0.45 * (note.velocity / 127);
    const sounds = this.#sounds(note, now);
    const past = note.onset + note.duration <= now;
    context.beginPath();
    context.roundRect(left, top + 0.75, width, height, Math.min(height / 2, 4));
    if (sounds) {
      const age = this.calm.matches ? 0.3 : Math.min((now - note.onset) / 0.5, 1);
      context.shadowColor = this.#color(note, 0.06, 0.16, 0.9);
      context.shadowBlur = 18 * (1 - 0.6 * age);
      context.fillStyle = this.#color(note, 0.19 - 0.1 * age, 0.09 + 0.05 * age);
    } else {
      context.fillStyle = past
        ? this.#color(note, -0.18, 0.1, 0.75 * loud)
        : this.#color(note, 0, 0.135, loud);
    }
    context.fill();
    context.shadowBlur = 0;
  }

  #keyboard(row, y, sounding) {
    const { context } = this;
    context.fillStyle = color("roll-edge");
    context.fillRect(0, 0, KEYS - 4, this.#size.height);
    const lit = new Map(sounding.map((note) => [note.pitch, this.#color(note, 0.11, 0.13)]));
    for (let pitch = Math.floor(this.#low); pitch <= this.#high + 1; pitch++) {
      const black = BLACK.has(((pitch % 12) + 12) % 12);
      context.fillStyle = lit.get(pitch) ?? color(black ? "key-black" : "key-white");
      context.beginPath();
      context.roundRect(0, y(pitch) + 0.5, black ? KEYS - 14 : KEYS - 6, Math.max(row - 1, 1), 1.5);
      context.fill();
      if (pitch % 12 === 0 && row > 5) {
        context.fillStyle = color(lit.has(pitch) ? "key-lit" : "key-name");
        context.font = `600 ${Math.min(row, 10)}px system-ui, sans-serif`;
        context.fillText(`C${pitch / 12 - 1}`, 9, y(pitch) + row / 2 + Math.min(row, 10) * 0.36);
      }
    }
  }
}
