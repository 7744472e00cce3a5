// Estimate of the player's clock from messages that carry its time when they were sent. The message
// with the least delay is the most accurate; old ones are forgotten because clocks drift.

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

  // Add a sample: the player's clock showed `now` (seconds) when the message was sent.
  update(now) {
    this.#samples.push(this.local() - now);
    if (this.#samples.length > KEPT) this.#samples.shift();
    const best = Math.min(...this.#samples);
    // Small corrections are applied gradually, so that the picture does not jump.
    const error = best - this.#offset;
    this.#offset += this.#samples.length === 1 || Math.abs(error) > 0.25 ? error : 0.2 * error;
  }

  forget() {
    this.#samples = [];
  }

  // Return the seconds on the player's clock.
  now() {
    return this.local() - this.#offset;
  }
}
