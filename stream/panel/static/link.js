// The line to the player: events come, wishes go and are answered. It is mended when it breaks.

const FIRST_PAUSE = 500; // milliseconds
const LONGEST_PAUSE = 15000;
const GROWTH = 1.7;
const PATIENCE = 8000;

export class Link extends EventTarget {
  #socket = null;
  #pause = FIRST_PAUSE;
  #number = 0;
  #asked = new Map();
  #timer = 0;

  constructor(path) {
    super();
    this.path = path;
    // What has slept, or was without a network, need not wait any longer.
    const hurry = () => this.#hurry();
    addEventListener("online", hurry);
    document.addEventListener("visibilitychange", () => document.hidden || hurry());
  }

  connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(`ws://${location.host}${this.path}`);
    this.#socket = socket;
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      this.#tell("standing", { connected: true });
    });
    socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(data)));
    socket.addEventListener("close", () => {
      if (socket === this.#socket) this.#lost(opened);
    });
  }

  // Resolves to the player's answer; `refused` says why it was not granted.
  wish(command) {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      return Promise.resolve({ refused: "not connected; it was not sent" });
    }
    const id = ++this.#number;
    this.#socket.send(JSON.stringify({ id, ...command }));
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answered(id, { refused: "no answer" }), PATIENCE);
      this.#asked.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }

  #hear(event) {
    if ("answer" in event) this.#answered(event.answer, event);
    else for (const [name, value] of Object.entries(event)) this.#tell(name, value);
    if ("state" in event) this.#pause = FIRST_PAUSE;
  }

  #answered(id, answer) {
    this.#asked.get(id)?.(answer);
    this.#asked.delete(id);
  }

  #lost(opened) {
    for (const id of [...this.#asked.keys()]) this.#answered(id, { refused: "the line broke" });
    // Not all at once: many browsers may have been cut off together.
    const pause = this.#pause * (0.75 + 0.5 * Math.random());
    this.#pause = Math.min(this.#pause * GROWTH, LONGEST_PAUSE);
    this.#timer = setTimeout(() => this.connect(), pause);
    this.#tell("standing", { connected: false, again: pause / 1000 });
    if (!opened) this.#perhapsPair();
  }

  #hurry() {
    if (this.#socket?.readyState === WebSocket.CLOSED) {
      this.#pause = FIRST_PAUSE;
      this.connect();
    }
  }

  // A refused WebSocket does not say why; the page itself does.
  async #perhapsPair() {
    try {
      const response = await fetch("/", { redirect: "manual", cache: "no-store" });
      if (response.type === "opaqueredirect") location.replace("/pair");
    } catch {
      // Nobody is there: it is tried again.
    }
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  on(name, listener) {
    this.addEventListener(name, ({ detail }) => listener(detail));
    return this;
  }
}
