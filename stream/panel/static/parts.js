// The parts of the music: their colors, names and instruments.

import { isLight } from "./palette.js";

// Lightness, chroma and hue (OKLCH) of each role. They follow the palette of Okabe and Ito, which
// people of every color vision tell apart, made lighter for a dark page.
const COLORS = {
  lead: [0.88, 0.16, 103],
  harmony: [0.74, 0.12, 345],
  comping: [0.78, 0.11, 233],
  bass: [0.7, 0.17, 45],
  alto: [0.75, 0.13, 165],
  tenor: [0.68, 0.14, 272],
  drums: [0.86, 0.015, 270],
};
// The same for a light page, dark enough for white paper.
const DARKER = {
  lead: [0.66, 0.14, 92],
  harmony: [0.6, 0.17, 345],
  comping: [0.62, 0.13, 236],
  bass: [0.62, 0.18, 42],
  alto: [0.6, 0.12, 162],
  tenor: [0.52, 0.17, 275],
  drums: [0.48, 0.02, 270],
};
const OTHER = [0.76, 0.05, 270];
const MUTED = [0.5, 0.01, 270];
const MIDDLE = [0.74, 0.62]; // usual lightness of notes on a dark and on a light page

const GM =
  "Piano|Bright piano|Electric grand|Honky-tonk|Electric piano|FM piano|Harpsichord|Clavinet|" +
  "Celesta|Glockenspiel|Music box|Vibraphone|Marimba|Xylophone|Tubular bells|Dulcimer|" +
  "Drawbar organ|Percussive organ|Rock organ|Church organ|Reed organ|Accordion|Harmonica|Bandoneon|" +
  "Nylon guitar|Steel guitar|Jazz guitar|Clean guitar|Muted guitar|Overdriven guitar|Distorted guitar|Harmonics|" +
  "Acoustic bass|Fingered bass|Picked bass|Fretless bass|Slap bass|Slap bass|Synth bass|Synth bass|" +
  "Violin|Viola|Cello|Double bass|Tremolo strings|Pizzicato|Harp|Timpani|" +
  "Strings|Slow strings|Synth strings|Synth strings|Choir|Voice|Synth voice|Orchestra hit|" +
  "Trumpet|Trombone|Tuba|Muted trumpet|Horn|Brass|Synth brass|Synth brass|" +
  "Soprano sax|Alto sax|Tenor sax|Baritone sax|Oboe|English horn|Bassoon|Clarinet|" +
  "Piccolo|Flute|Recorder|Pan flute|Bottle|Shakuhachi|Whistle|Ocarina|" +
  "Square lead|Saw lead|Calliope|Chiff|Charang|Voice lead|Fifths|Bass and lead|" +
  "New age pad|Warm pad|Polysynth|Choir pad|Bowed pad|Metallic pad|Halo pad|Sweep pad|" +
  "Rain|Soundtrack|Crystal|Atmosphere|Brightness|Goblins|Echoes|Sci-fi|" +
  "Sitar|Banjo|Shamisen|Koto|Kalimba|Bagpipe|Fiddle|Shanai|" +
  "Bell|Agogo|Steel drums|Woodblock|Taiko|Tom|Synth drum|Reverse cymbal|" +
  "Fret noise|Breath|Seashore|Birds|Telephone|Helicopter|Applause|Gunshot";
const PROGRAMS = GM.split("|");
const KITS = { 1: "Kit", 9: "Room kit", 17: "Power kit", 25: "Electronic kit", 33: "Jazz kit", 41: "Brushes" };

export const DRUMS = "drums";
const DRUM_CHANNEL = 9;

// Return a CSS color of a part; `bright` makes it stand out from the page more, or less if it is
// negative, `alpha` is its opacity.
export function partColor(part, muted, bright = 0, alpha = 1) {
  const colors = isLight() ? DARKER : COLORS;
  const [l, c, h] = muted ? MUTED : (colors[part.role] ?? OTHER);
  const lightness = isLight() ? l + (muted ? 0.2 : 0) - 0.55 * bright : l + bright;
  return `oklch(${Math.min(lightness, 0.97)} ${c} ${h} / ${alpha})`;
}

// Return a CSS color of a pitch: its place on the circle of fifths.
export function pitchColor(pitch, bright, chroma, alpha = 1) {
  const lightness = isLight() ? MIDDLE[1] - 0.55 * bright : MIDDLE[0] + bright;
  return `oklch(${lightness} ${chroma} ${((pitch * 7) % 12) * 30 + 20} / ${alpha})`;
}

export function partName({ role }) {
  return role.charAt(0).toUpperCase() + role.slice(1);
}

export function instrumentName({ role, program = 0 }) {
  if (role === DRUMS) return KITS[program] ?? (program ? "Kit" : "");
  return PROGRAMS[program - 1] ?? "";
}

// Return the part that plays on a channel; of two that share it, the one that is heard. Without
// parts, the channel of General MIDI's drums is theirs.
export function partOf(parts, channel) {
  const found = parts.filter((part) => part.channel === channel);
  const unknown = channel === DRUM_CHANNEL && !parts.length ? { role: DRUMS, channel } : null;
  return found.find((part) => !part.silent) ?? found[0] ?? unknown;
}

// Return the changes to parts in the control `parts`, such as `bass=off,drums=2,lead=70%`.
function parsed(text) {
  return text.split(",").filter(Boolean).map((each) => each.split("=").map((word) => word.trim()));
}

export function mutedRoles(text) {
  return new Set(parsed(text).filter(([, to]) => to === "off").map(([role]) => role));
}

// Return the levels in percent, by role.
export function partLevels(text) {
  const levels = parsed(text).filter(([, to]) => to.endsWith("%"));
  return new Map(levels.map(([role, to]) => [role, parseInt(to, 10)]));
}

// Return the control `parts` with one part changed: `off` mutes it or lets it play on its own
// channel, `level` is in percent.
export function changed(text, role, { off, level }) {
  const replaced = (to) => (level === undefined ? !to.endsWith("%") && (off || to === "off") : to.endsWith("%"));
  const changes = parsed(text).filter(([name, to]) => name !== role || !replaced(to));
  if (off) changes.push([role, "off"]);
  if (level !== undefined && level !== 100) changes.push([role, `${level}%`]);
  return changes.map((change) => change.join("=")).join(",");
}
