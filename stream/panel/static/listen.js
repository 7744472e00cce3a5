// Listen: the page plays the notes with a small synthesizer, scheduled ahead on the audio clock.

const AHEAD = 1.6; // seconds; a page in the background is woken only once per second
const STEP = 80; // milliseconds
const LATE = 0.12; // seconds; notes that should have begun longer ago are skipped
const RELEASE = 0.22;

export class Listen {
  #context = null;
  #master = null;
  #voices = new Map(); // scheduled and sounding voices, by note
  #timer = 0;
  #volume = 0.7;

  constructor(recentPhrases) {
    this.recentPhrases = recentPhrases;
    recentPhrases.addEventListener("changed", ({ detail }) => this.#changed(detail));
  }

  get on() {
    return this.#timer !== 0;
  }

  // Call this from a click, because browsers allow no sound before one.
  async start() {
    this.#context ??= this.#build();
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
    if (this.#context) {
      this.#master.gain.setTargetAtTime(share ** 2, this.#context.currentTime, 0.02);
    }
  }

  // End all voices now; queued notes are scheduled again.
  silence() {
    for (const [note, voice] of this.#voices) this.#end(note, voice);
  }

  // End all voices after a panic.
  panic() {
    this.silence();
  }

  #build() {
    const context = new AudioContext({ latencyHint: "interactive" });
    this.#master = new GainNode(context, { gain: this.#volume ** 2 });
    const limiter = new DynamicsCompressorNode(context, { threshold: -14, ratio: 6, knee: 12 });
    const room = new ConvolverNode(context, { buffer: impulse(context) });
    this.dry = new GainNode(context, { gain: 0.85 });
    const wet = new GainNode(context, { gain: 0.22 });
    this.dry.connect(limiter);
    this.dry.connect(room).connect(wet).connect(limiter);
    limiter.connect(this.#master).connect(context.destination);
    return context;
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
    const context = this.#context;
    const frequency = 440 * 2 ** ((note.pitch - 69) / 12);
    const loud = 0.34 * (note.velocity / 127) ** 1.5;
    const end = at + Math.max(note.duration, 0.06);
    const level = new GainNode(context, { gain: 0 });
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(loud, at + 0.006);
    level.gain.setTargetAtTime(0.45 * loud, at + 0.006, 0.25);
    level.gain.setTargetAtTime(0, end, RELEASE / 4);
    const filter = new BiquadFilterNode(context, { type: "lowpass", Q: 0.6 });
    const bright = Math.min(frequency * (2.5 + 5 * (note.velocity / 127)), 12000);
    filter.frequency.setValueAtTime(bright, at);
    filter.frequency.setTargetAtTime(Math.min(frequency * 2.2, 8000), at, 0.3);
    const pan = new StereoPannerNode(context, { pan: Math.max(-0.5, Math.min((note.pitch - 64) / 60, 0.5)) });
    const sources = [
      oscillator(context, "triangle", frequency, -3),
      oscillator(context, "sawtooth", frequency, 4, 0.22),
      oscillator(context, "sine", frequency * 2, 0, 0.18),
    ];
    for (const { source, gain } of sources) {
      source.connect(gain).connect(filter);
      source.start(at);
      source.stop(end + RELEASE * 2);
    }
    filter.connect(level).connect(pan).connect(this.dry);
    sources[0].source.addEventListener("ended", () => {
      this.#voices.delete(note);
      pan.disconnect();
    });
    return { level, sources, at, end };
  }

  // Notes from `from` on have changed: end them, and let the scheduler start them again.
  #changed({ from, ends }) {
    if (!ends || !this.#context) return;
    for (const [note, voice] of this.#voices) {
      const gone = note.onset >= from || !this.#queued(note);
      if (gone || voice.at > this.#context.currentTime) this.#end(note, voice);
      else this.#shorten(note, voice);
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

function oscillator(context, type, frequency, detune, level = 0.6) {
  const source = new OscillatorNode(context, { type, frequency, detune });
  return { source, gain: new GainNode(context, { gain: level }) };
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
