// The player's clock, as far as messages tell: each carries what it showed when it was sent.
// The one that travelled fastest is nearest to the truth; old ones are forgotten, clocks drift.

const KEPT = 120;

export class Clock {
  #samples = [];
  #offset = 0;

  constructor(local = () => performance.now() / 1000) {
    this.local = local;
  }

  get known() {
    return this.#samples.length > 0;
  }

  // The player's clock shows `now` (seconds), or did a moment ago.
  hear(now) {
    this.#samples.push(this.local() - now);
    if (this.#samples.length > KEPT) this.#samples.shift();
    const best = Math.min(...this.#samples);
    // Small corrections only creep in: the picture must not jerk.
    const error = best - this.#offset;
    this.#offset += this.#samples.length === 1 || Math.abs(error) > 0.25 ? error : 0.2 * error;
  }

  forget() {
    this.#samples = [];
  }

  // Seconds on the player's clock.
  now() {
    return this.local() - this.#offset;
  }
}
