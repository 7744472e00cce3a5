// The mixer of the page's synthesizer: a level and a place for each part, a room, and a limiter.

const DRY = 0.85;
const WET = 0.2;
const USUAL_LEVEL = 100;
const KNEE = 0.7; // amplitude from which peaks are rounded

export class Mixer {
  #strips = new Map();
  #master;
  #bus;

  constructor(context, volume) {
    this.context = context;
    this.#master = new GainNode(context, { gain: volume ** 2 });
    this.#bus = new GainNode(context, { gain: DRY });
    const room = new ConvolverNode(context, { buffer: impulse(context) });
    const wet = new GainNode(context, { gain: WET / DRY });
    const limiter = new DynamicsCompressorNode(context, { threshold: -12, ratio: 5, knee: 12, attack: 0.004, release: 0.15 });
    const clipper = new WaveShaperNode(context, { curve: rounded() });
    this.#bus.connect(limiter);
    this.#bus.connect(room).connect(wet).connect(limiter);
    limiter.connect(clipper).connect(this.#master).connect(context.destination);
  }

  set volume(share) {
    this.#master.gain.setTargetAtTime(share ** 2, this.context.currentTime, 0.02);
  }

  // Return the input of a part: of a part whose place is not known, by the pitch of the note.
  input(part, pitch) {
    const { role = "", level = USUAL_LEVEL, pan = null } = part ?? {};
    const place = pan === null && !role ? Math.round(Math.max(-30, Math.min(pitch - 64, 30)) / 6) / 10 : ((pan ?? 64) - 64) / 64;
    const key = `${role} ${level} ${place}`;
    if (!this.#strips.has(key)) this.#strips.set(key, this.#strip(level, place));
    return this.#strips.get(key);
  }

  #strip(level, place) {
    const gain = new GainNode(this.context, { gain: (level / USUAL_LEVEL) ** 2 });
    gain.connect(new StereoPannerNode(this.context, { pan: place })).connect(this.#bus);
    return gain;
  }
}

// Return a curve that is straight up to `KNEE` and stays below 1, so that nothing clips.
function rounded() {
  const room = 1 - KNEE;
  return Float32Array.from({ length: 4097 }, (_, index) => {
    const x = (index / 4096) * 2 - 1;
    const over = Math.max(Math.abs(x) - KNEE, 0);
    const size = Math.min(Math.abs(x), KNEE) + room * Math.tanh(over / room) * 0.97;
    return Math.sign(x) * size;
  });
}

// Impulse response of a small room: decaying noise.
function impulse(context) {
  const length = Math.round(1.4 * context.sampleRate);
  const buffer = new AudioBuffer({ length, numberOfChannels: 2, sampleRate: context.sampleRate });
  for (let channel = 0; channel < 2; channel++) {
    const data = buffer.getChannelData(channel);
    for (let i = 0; i < length; i++) data[i] = (2 * Math.random() - 1) * (1 - i / length) ** 3.2;
  }
  return buffer;
}
