// The timbres of the page's synthesizer: one for each family of General MIDI's programs.
//
// `waves` are the oscillators of a note: strengths of their harmonics, or the name of a shape, with
// ratio to the pitch, detuning (cents) and gain. `attack`, `decay` and `release` are seconds,
// `sustain` is the share of the level that is held. `bright` and `dark` are the cutoff of the filter
// at the onset and later, in multiples of the pitch.

const TONE = { attack: 0.006, decay: 0.25, sustain: 0.45, release: 0.055, gain: 1, bright: 5, dark: 2.2, darkens: 0.3 };
const PLUCK = { attack: 0.003, sustain: 0, release: 0.05, darkens: 0.25 };
const HELD = { attack: 0.05, decay: 0.2, sustain: 0.85, release: 0.05, darkens: 0.2 };

const partials = (...harmonics) => ({ harmonics });
const wave = (shape, detune = 0, gain = 1, ratio = 1) => ({ ...shape, detune, gain, ratio });

const STRUCK = partials(1, 0.55, 0.3, 0.22, 0.12, 0.09, 0.05, 0.03);
const PLUCKED = partials(1, 0.7, 0.5, 0.32, 0.25, 0.16, 0.12, 0.08, 0.06, 0.04);
const BOWED = partials(1, 0.6, 0.45, 0.35, 0.26, 0.2, 0.15, 0.11, 0.08, 0.06);
const REEDY = partials(0.8, 1, 0.7, 0.55, 0.4, 0.25, 0.16, 0.1, 0.06);
const HOLLOW = partials(1, 0.04, 0.6, 0.06, 0.36, 0.05, 0.16, 0.03, 0.07);
const AIRY = partials(1, 0.22, 0.1, 0.03);
const PIPES = partials(1, 0.7, 0.35, 0.55, 0.12, 0.25, 0.06, 0.3);
const BUZZING = partials(1, 0.5, 0.75, 0.4, 0.5, 0.3, 0.25, 0.18, 0.12);
const DEEP = partials(1, 0.55, 0.28, 0.14, 0.06);

// A note without a part: neither its instrument nor its role is known.
export const PLAIN = {
  ...TONE,
  waves: [
    { shape: "triangle", detune: -3, gain: 0.6, ratio: 1 },
    { shape: "sawtooth", detune: 4, gain: 0.22, ratio: 1 },
    { shape: "sine", detune: 0, gain: 0.18, ratio: 2 },
  ],
};

const PIANO = { ...PLUCK, waves: [wave(STRUCK, -1.5, 0.5), wave(STRUCK, 1.5, 0.5)], decay: 0.9, release: 0.07, gain: 1.15, bright: 9, dark: 3 };
const KEYS = { ...PLUCK, waves: [wave(partials(1, 0.12, 0.03), 0, 0.85), wave(partials(1), 2, 0.1, 4)], decay: 1.1, gain: 1, bright: 8, dark: 4 };
const MALLET = { ...PLUCK, waves: [wave(partials(1, 0, 0, 0.25), 0, 0.9)], decay: 1.0, gain: 0.9, bright: 10, dark: 6 };
const GUITAR = { ...PLUCK, waves: [wave(PLUCKED, 0, 0.6), wave(PLUCKED, 2.5, 0.4)], decay: 0.55, gain: 1.1, bright: 9, dark: 2.2 };
const BASS = { ...PLUCK, waves: [wave(DEEP, 0, 1)], attack: 0.006, decay: 0.7, sustain: 0.12, gain: 1.15, bright: 7, dark: 2.5 };
const SYNTH_BASS = { ...TONE, waves: [{ shape: "sawtooth", detune: 0, gain: 0.7, ratio: 1 }], sustain: 0.6, gain: 0.9, bright: 4, dark: 2 };
const ORGAN = { ...HELD, waves: [wave(PIPES, -2, 0.5), wave(PIPES, 3, 0.5)], attack: 0.03, sustain: 1, gain: 1.0, bright: 9, dark: 8 };
const FREE_REED = { ...HELD, waves: [wave(BUZZING, -7, 0.5), wave(BUZZING, 6, 0.5)], attack: 0.04, sustain: 1, gain: 0.85, bright: 8, dark: 6 };
const STRING = { ...HELD, waves: [wave(BOWED, -3, 0.5), wave(BOWED, 4, 0.5)], attack: 0.07, release: 0.07, gain: 1.1, bright: 5, dark: 6, vibrato: 9 };
const SECTION = { ...HELD, waves: [wave(BOWED, -9, 0.36), wave(BOWED, 0, 0.36), wave(BOWED, 8, 0.36)], attack: 0.16, release: 0.14, gain: 1.0, bright: 3, dark: 4 };
const PAD = { ...HELD, waves: [wave(BOWED, -8, 0.5), wave(AIRY, 7, 0.5)], attack: 0.35, release: 0.3, gain: 1.0, bright: 2, dark: 3.2, darkens: 1.2 };
const CHOIR = { ...HELD, waves: [wave(AIRY, -7, 0.5), wave(REEDY, 6, 0.3)], attack: 0.18, release: 0.16, gain: 1.0, bright: 3, dark: 3, vibrato: 6 };
const BRASS = { ...HELD, waves: [wave(BUZZING, 0, 0.9)], attack: 0.04, gain: 0.95, bright: 2, dark: 6, darkens: 0.08, vibrato: 4 };
const REED = { ...HELD, waves: [wave(REEDY, 0, 0.95)], attack: 0.03, gain: 1.0, bright: 4, dark: 5, vibrato: 8, breath: 0.02 };
const CLARINET = { ...REED, waves: [wave(HOLLOW, 0, 0.95)], gain: 0.9, bright: 6, dark: 7, vibrato: 2 };
const FLUTE = { ...HELD, waves: [wave(AIRY, 0, 0.95)], attack: 0.05, gain: 0.75, bright: 6, dark: 5, vibrato: 7, breath: 0.05 };
const LEAD = { ...HELD, waves: [{ shape: "square", detune: -4, gain: 0.28, ratio: 1 }, { shape: "sawtooth", detune: 4, gain: 0.28, ratio: 1 }], attack: 0.01, sustain: 0.7, gain: 0.8, bright: 6, dark: 3 };

// Timbres by the last program of each range.
const RANGES = [
  [4, PIANO], [6, KEYS], [8, GUITAR], [15, MALLET], [16, GUITAR], [20, ORGAN], [24, FREE_REED],
  [32, GUITAR], [38, BASS], [40, SYNTH_BASS], [45, STRING], [47, GUITAR], [48, MALLET],
  [52, SECTION], [55, CHOIR], [56, BRASS], [64, BRASS], [71, REED], [72, CLARINET], [80, FLUTE],
  [88, LEAD], [96, PAD], [104, PAD], [109, GUITAR], [110, FREE_REED], [111, STRING], [112, REED],
  [128, MALLET],
];
// Timbres of roles whose program is not known.
const ROLES = { harmony: PAD, comping: PIANO, bass: BASS };

// Return the timbre of a part.
export function timbreOf(part) {
  if (!part?.program) return ROLES[part?.role] ?? PLAIN;
  return RANGES.find(([last]) => part.program <= last)?.[1] ?? PLAIN;
}
