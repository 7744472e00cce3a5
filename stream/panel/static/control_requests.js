// Requests to change controls, one message at a time; while one is pending, the last value wins.

const SETTLE = 1200; // milliseconds in which older events do not move a control back

export class ControlRequests {
  #waiting = {};
  #busy = false;
  #moved = new Map();

  constructor(link, refused) {
    this.link = link;
    this.refused = refused;
  }

  set(fields) {
    Object.assign(this.#waiting, fields);
    for (const name of Object.keys(fields)) this.#moved.set(name, performance.now());
    this.#send();
  }

  // Return whether the player's value of a control is to be shown.
  settled(name) {
    return performance.now() - (this.#moved.get(name) ?? -Infinity) > SETTLE;
  }

  async #send() {
    if (this.#busy || !Object.keys(this.#waiting).length) return;
    const changes = this.#waiting;
    this.#waiting = {};
    this.#busy = true;
    const answer = await this.link.request({ set: changes });
    this.#busy = false;
    if (answer.refused) {
      for (const name of Object.keys(changes)) this.#moved.delete(name);
      this.refused(answer.refused);
    }
    this.#send();
  }
}
