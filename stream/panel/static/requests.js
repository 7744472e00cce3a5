// Controls that are moved, one message at a time: while one is under way, the last wish counts.

const SETTLE = 1200; // milliseconds: what was just moved is not moved back by older news

export class Wishes {
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

  // Whether the player's word on a control is to be shown.
  settled(name) {
    return performance.now() - (this.#moved.get(name) ?? -Infinity) > SETTLE;
  }

  async #send() {
    if (this.#busy || !Object.keys(this.#waiting).length) return;
    const wishes = this.#waiting;
    this.#waiting = {};
    this.#busy = true;
    const answer = await this.link.wish({ set: wishes });
    this.#busy = false;
    if (answer.refused) {
      for (const name of Object.keys(wishes)) this.#moved.delete(name);
      this.refused(answer.refused);
    }
    this.#send();
  }
}
