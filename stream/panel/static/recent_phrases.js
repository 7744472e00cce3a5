// The phrases of the last minute and the queued ones. Times are seconds on the player's clock.
// `recent_phrases.py` does the same on the server.

import { partOf } from "./parts.js";

const KEPT = 60; // seconds

export class RecentPhrases extends EventTarget {
  phrases = [];

  constructor(clock) {
    super();
    this.clock = clock;
    this.frozen = null; // time that is shown while the player is paused
  }

  now() {
    return this.frozen ?? this.clock.now();
  }

  setPlaying(playing) {
    this.frozen = playing ? null : (this.frozen ?? this.clock.now());
    this.#changed(-Infinity, !playing);
  }

  replace(phrases) {
    this.phrases = phrases.map(prepared);
    this.#changed(-Infinity, true);
  }

  add(phrase) {
    const horizon = this.now() - KEPT;
    this.phrases = this.phrases.filter((each) => each.end > horizon);
    this.phrases.push(prepared(phrase));
  }

  cut(at) {
    this.phrases = this.phrases.filter((phrase) => phrase.start < at);
    for (const phrase of this.phrases) {
      phrase.end = Math.min(phrase.end, at);
      phrase.notes = phrase.notes.filter((note) => note.onset < at);
      for (const note of phrase.notes) note.duration = Math.min(note.duration, at - note.onset);
    }
    this.#changed(at, true);
  }

  move(from, delay) {
    for (const phrase of this.phrases) {
      for (const note of phrase.notes) if (note.onset >= from) note.onset += delay;
      if (phrase.start >= from) phrase.start += delay;
      if (phrase.end >= from) phrase.end += delay;
    }
    this.#changed(from, true);
  }

  at(time) {
    return this.phrases.find((phrase) => phrase.start <= time && time < phrase.end);
  }

  *notes(from, to) {
    for (const phrase of this.phrases) {
      if (phrase.end < from - 8 || phrase.start > to) continue;
      for (const note of phrase.notes) {
        if (note.onset < to && note.onset + note.duration > from) yield note;
      }
    }
  }

  // Report that notes at `from` or later have changed.
  #changed(from, ends) {
    this.dispatchEvent(new CustomEvent("changed", { detail: { from, ends } }));
  }
}

function prepared(phrase) {
  const { parts = [] } = phrase;
  const alone = parts.length < 2;
  const notes = phrase.notes.map(([onset, duration, pitch, velocity, channel]) => {
    return { onset, duration, pitch, velocity, channel, part: partOf(parts, channel), alone };
  });
  return { ...phrase, notes };
}
