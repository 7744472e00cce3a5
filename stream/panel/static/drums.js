// Drums of the page's synthesizer: falling tones and filtered noise.

import { laneOf } from "./drum_kit.js";
import { noise } from "./tones.js";

const BRUSHES = 41; // the kit of General MIDI
const SHAKEN = new Set([54, 69, 70, 82]);
const RIM = new Set([37, 31]);
const OPEN_HAT = 46;

// Sounds: `tone` falls from one frequency to another (hertz), `noise` passes a filter. `decay` is
// the time in seconds in which a sound falls to a third.
const KICK = [
  { from: 140, to: 48, falls: 0.035, decay: 0.16, gain: 1.1 },
  { type: "lowpass", cutoff: 2500, decay: 0.008, gain: 0.25 },
];
const SNARE = [
  { from: 240, to: 175, falls: 0.03, decay: 0.06, gain: 0.45 },
  { type: "highpass", cutoff: 1600, decay: 0.085, gain: 0.5 },
];
const BRUSHED = [
  { from: 220, to: 180, falls: 0.03, decay: 0.04, gain: 0.12 },
  { type: "bandpass", cutoff: 3200, decay: 0.09, gain: 0.55, attack: 0.012 },
];
const RIMSHOT = [
  { from: 1750, to: 1650, falls: 0.01, decay: 0.012, gain: 0.3 },
  { type: "bandpass", cutoff: 2600, decay: 0.015, gain: 0.4 },
];
const CLOSED = [{ type: "highpass", cutoff: 7500, decay: 0.028, gain: 0.34 }];
const OPEN = [{ type: "highpass", cutoff: 7000, decay: 0.17, gain: 0.3 }];
const SHAKER = [{ type: "bandpass", cutoff: 6200, decay: 0.04, gain: 0.32, attack: 0.012 }];
const RIDE = [
  { type: "bandpass", cutoff: 8200, decay: 0.3, gain: 0.24 },
  { from: 3150, to: 3150, falls: 0.1, decay: 0.11, gain: 0.035, shape: "square" },
  { from: 4730, to: 4730, falls: 0.1, decay: 0.16, gain: 0.025, shape: "square" },
];
const CRASH = [
  { type: "highpass", cutoff: 3800, decay: 0.5, gain: 0.4 },
  { type: "bandpass", cutoff: 6100, decay: 0.25, gain: 0.3 },
];

function tom(pitch) {
  const base = 75 * 2 ** ((Math.min(Math.max(pitch, 41), 66) - 41) / 14);
  return [
    { from: 1.5 * base, to: base, falls: 0.05, decay: 0.15, gain: 0.75 },
    { type: "lowpass", cutoff: 1800, decay: 0.015, gain: 0.2 },
  ];
}

function layers(pitch, program) {
  if (SHAKEN.has(pitch)) return SHAKER;
  if (RIM.has(pitch)) return RIMSHOT;
  switch (laneOf(pitch)) {
    case "kick": return KICK;
    case "snare": return program === BRUSHES ? BRUSHED : SNARE;
    case "hat": return pitch === OPEN_HAT ? OPEN : CLOSED;
    case "ride": return RIDE;
    case "crash": return CRASH;
    default: return tom(pitch);
  }
}

// Strike a drum at `at` (seconds of the audio clock); return its voice, which ends by itself.
export function strike(context, output, note, program, at) {
  const level = new GainNode(context, { gain: 0.62 * (note.velocity / 127) ** 1.6 });
  const sounds = layers(note.pitch, program);
  const end = at + 6 * Math.max(...sounds.map(({ decay }) => decay));
  const sources = sounds.map((layer) => sound(context, layer, level, at));
  for (const { source } of sources) source.stop(end);
  level.connect(output);
  return { level, sources, at, end, struck: true };
}

// Return whether a hit ends an open hi-hat.
export function closesHat(note) {
  return laneOf(note.pitch) === "hat" && note.pitch !== OPEN_HAT;
}

export function opensHat(note) {
  return note.pitch === OPEN_HAT;
}

function sound(context, layer, level, at) {
  const { from, to, falls, shape = "sine", type, cutoff, decay, gain, attack = 0.001 } = layer;
  const fade = new GainNode(context, { gain: 0 });
  fade.gain.setValueAtTime(0, at);
  fade.gain.linearRampToValueAtTime(gain, at + attack);
  fade.gain.setTargetAtTime(0, at + attack, decay);
  fade.connect(level);
  if (from) {
    const source = new OscillatorNode(context, { type: shape, frequency: from });
    source.frequency.setValueAtTime(from, at);
    source.frequency.setTargetAtTime(to, at, falls);
    source.connect(fade);
    source.start(at);
    return { source };
  }
  const source = noise(context);
  const filter = new BiquadFilterNode(context, { type, frequency: cutoff, Q: type === "bandpass" ? 0.9 : 0.7 });
  source.connect(filter).connect(fade);
  source.start(at, Math.random()); // no two hits are alike
  return { source };
}
