// The parts of the music: their colors, names and instruments.

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
const OTHER = [0.76, 0.05, 270];
const MUTED = [0.5, 0.01, 270];

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

// Return a CSS color of a part; `light` is added to its lightness, `alpha` is its opacity.
export function partColor(part, muted, light = 0, alpha = 1) {
  const [l, c, h] = muted ? MUTED : (COLORS[part.role] ?? OTHER);
  return `oklch(${Math.min(l + light, 0.97)} ${c} ${h} / ${alpha})`;
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

// Return the changes to parts in the control `parts`: `bass=off,drums=2`.
function parsed(text) {
  return new Map(text.split(",").filter(Boolean).map((each) => each.trim().split("=")));
}

export function mutedRoles(text) {
  return new Set([...parsed(text)].filter(([, to]) => to === "off").map(([role]) => role));
}

// Return the control `parts` with one part turned off, or on again on its own channel.
export function switched(text, role) {
  const changes = parsed(text);
  if (changes.get(role) === "off") changes.delete(role);
  else changes.set(role, "off");
  return [...changes].map(([name, to]) => `${name}=${to}`).join(",");
}
