// Pitched notes of the page's synthesizer: oscillators, a filter, an envelope.

const VIBRATO_HZ = 5.2;
const VIBRATO_DELAY = 0.3; // seconds
const SHORTEST = 0.06; // seconds
const TOP = 12000; // hertz

const waves = new WeakMap(); // tables of harmonics, by context and by list

// Start a note at `at` (seconds of the audio clock). Return its voice: `level` is its envelope,
// `sources` end with it.
export function tone(context, output, note, timbre, at) {
  const frequency = 440 * 2 ** ((note.pitch - 69) / 12);
  const end = at + Math.max(note.duration, SHORTEST);
  const level = envelope(context, note, timbre, at, end);
  const filter = lowpass(context, note, timbre, frequency, at);
  const sources = timbre.waves.map((wave) => oscillator(context, wave, frequency));
  if (timbre.vibrato) sources.push(vibrato(context, timbre.vibrato, sources, at));
  if (timbre.breath) sources.push(breath(context, timbre.breath, frequency, level));
  for (const { source, gain, output: target = filter } of sources) {
    source.connect(gain).connect(target);
    source.start(at);
    source.stop(end + 8 * timbre.release);
  }
  filter.connect(level).connect(output);
  return { level, sources, at, end };
}

// Return the noise that breath, brushes and cymbals are made from; two seconds that repeat.
export function noise(context) {
  let buffer = waves.get(context)?.noise;
  if (!buffer) {
    const length = 2 * context.sampleRate;
    buffer = new AudioBuffer({ length, sampleRate: context.sampleRate });
    const data = buffer.getChannelData(0);
    for (let i = 0; i < length; i++) data[i] = 2 * Math.random() - 1;
    table(context).noise = buffer;
  }
  return new AudioBufferSourceNode(context, { buffer, loop: true });
}

function table(context) {
  if (!waves.has(context)) waves.set(context, { noise: null, shapes: new Map() });
  return waves.get(context);
}

function envelope(context, note, timbre, at, end) {
  const { attack, decay, sustain, release, gain } = timbre;
  const loud = 0.34 * gain * (note.velocity / 127) ** 1.5;
  const rise = Math.min(attack, 0.6 * (end - at));
  // Strings of lower notes sound longer.
  const fades = sustain > 0.4 ? decay : decay * 2 ** ((60 - note.pitch) / 24);
  const level = new GainNode(context, { gain: 0 });
  level.gain.setValueAtTime(0, at);
  level.gain.linearRampToValueAtTime(loud, at + rise);
  level.gain.setTargetAtTime(sustain * loud, at + rise, fades);
  level.gain.setTargetAtTime(0, end, release);
  return level;
}

function lowpass(context, note, { bright, dark, darkens }, frequency, at) {
  const filter = new BiquadFilterNode(context, { type: "lowpass", Q: 0.6 });
  const force = 0.5 + note.velocity / 127;
  filter.frequency.setValueAtTime(Math.min(frequency * bright * force, TOP), at);
  filter.frequency.setTargetAtTime(Math.min(frequency * dark, TOP), at, darkens);
  return filter;
}

function oscillator(context, { shape, harmonics, ratio, detune, gain }, frequency) {
  const source = new OscillatorNode(context, { frequency: frequency * ratio, detune });
  if (shape) source.type = shape;
  else source.setPeriodicWave(periodic(context, harmonics));
  return { source, gain: new GainNode(context, { gain }) };
}

function periodic(context, harmonics) {
  const { shapes } = table(context);
  if (!shapes.has(harmonics)) {
    const imag = new Float32Array([0, ...harmonics]);
    shapes.set(harmonics, context.createPeriodicWave(new Float32Array(imag.length), imag));
  }
  return shapes.get(harmonics);
}

// Return a slow oscillator that moves the pitch of the others by some cents.
function vibrato(context, cents, others, at) {
  const source = new OscillatorNode(context, { frequency: VIBRATO_HZ });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.setTargetAtTime(cents, at + VIBRATO_DELAY, 0.3);
  for (const other of others.slice(1)) gain.connect(other.source.detune);
  return { source, gain, output: others[0].source.detune };
}

function breath(context, share, frequency, level) {
  const source = noise(context);
  const band = new BiquadFilterNode(context, { type: "bandpass", frequency: Math.min(2 * frequency, TOP), Q: 1.2 });
  band.connect(level);
  return { source, gain: new GainNode(context, { gain: share * 4 }), output: band };
}
