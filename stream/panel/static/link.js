// Connection to the player: receives events, sends requests, and reconnects when it is lost.

const FIRST_PAUSE = 500; // milliseconds
const LONGEST_PAUSE = 15000;
const GROWTH = 1.7;
const ANSWER_TIMEOUT = 8000;

export class Link extends EventTarget {
  #socket = null;
  #pause = FIRST_PAUSE;
  #number = 0;
  #pending = new Map();
  #timer = 0;

  constructor(path) {
    super();
    this.path = path;
    // Reconnect at once after the page has slept or the network has come back.
    const reconnect = () => this.#reconnectNow();
    addEventListener("online", reconnect);
    document.addEventListener("visibilitychange", () => document.hidden || reconnect());
  }

  connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(`ws://${location.host}${this.path}`);
    this.#socket = socket;
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      this.#dispatch("connection", { connected: true });
    });
    socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(data)));
    socket.addEventListener("close", () => {
      if (socket === this.#socket) this.#lost(opened);
    });
  }

  // Send a request; resolve to the player's answer, whose `refused` is the reason of a refusal.
  request(command) {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      return Promise.resolve({ refused: "not connected; the request was not sent" });
    }
    const id = ++this.#number;
    this.#socket.send(JSON.stringify({ id, ...command }));
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answered(id, { refused: "the panel does not answer; try again" }), ANSWER_TIMEOUT);
      this.#pending.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }

  #receive(event) {
    if ("answer" in event) this.#answered(event.answer, event);
    else for (const [name, value] of Object.entries(event)) this.#dispatch(name, value);
    if ("state" in event) this.#pause = FIRST_PAUSE;
  }

  #answered(id, answer) {
    this.#pending.get(id)?.(answer);
    this.#pending.delete(id);
  }

  #lost(opened) {
    for (const id of [...this.#pending.keys()]) this.#answered(id, { refused: "the connection was lost; the request may have had no effect" });
    // A random pause, since many browsers may have been disconnected together.
    const pause = this.#pause * (0.75 + 0.5 * Math.random());
    this.#pause = Math.min(this.#pause * GROWTH, LONGEST_PAUSE);
    this.#timer = setTimeout(() => this.connect(), pause);
    this.#dispatch("connection", { connected: false, wait: pause / 1000 });
    if (!opened) this.#pairIfNeeded();
  }

  #reconnectNow() {
    if (this.#socket?.readyState === WebSocket.CLOSED) {
      this.#pause = FIRST_PAUSE;
      this.connect();
    }
  }

  // A refused WebSocket does not say why; the page itself does.
  async #pairIfNeeded() {
    try {
      const response = await fetch("/", { redirect: "manual", cache: "no-store" });
      if (response.type === "opaqueredirect") location.replace("/pair");
    } catch {
      // The panel does not answer: the next attempt follows.
    }
  }

  #dispatch(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  on(name, listener) {
    this.addEventListener(name, ({ detail }) => listener(detail));
    return this;
  }
}
