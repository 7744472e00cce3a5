// Meters of the queue, the lateness of notes, and the candidates that the filter rejects.

import { color } from "./palette.js";

const $ = (id) => document.getElementById(id);
const FULL = 8; // seconds of queue
const BIN = 0.1; // milliseconds
const MOST_REASONS = 6;

export class Meters {
  constructor() {
    this.canvas = $("lateness");
    this.counts = [];
    new ResizeObserver(() => this.#histogram()).observe(this.canvas);
    addEventListener("themechange", () => this.#histogram());
  }

  moment({ queue = 0, stats = {}, lateness = [], rejected = {} }) {
    $("queue").textContent = `${queue.toFixed(1)} s`;
    $("queue-bar").style.setProperty("--share", Math.min(queue / FULL, 1));
    const { lateness_median_ms: median, lateness_p99_ms: p99, late = 0, notes = 0 } = stats;
    const times = median === undefined ? "" : `median ${ms(median)} · p99 ${ms(p99)}`;
    $("lateness-value").textContent = times || "no notes yet";
    this.canvas.setAttribute("aria-label", `Lateness of notes: ${times}; ${late} of ${notes} late`);
    $("late").textContent = `${late} of ${notes.toLocaleString()} notes over 5 ms`;
    const { accepted = 0, composed = 0 } = stats;
    $("accepted").textContent = `${accepted.toLocaleString()} of ${composed.toLocaleString()}`;
    $("accepted-bar").style.setProperty("--share", composed ? accepted / composed : 0);
    this.#reasons(rejected);
    if (`${lateness}` !== `${this.counts}`) {
      this.counts = lateness;
      this.#histogram();
    }
  }

  #reasons(rejected) {
    const found = Object.entries(rejected).sort((a, b) => b[1] - a[1]).slice(0, MOST_REASONS);
    const most = found[0]?.[1] ?? 1;
    $("reasons").replaceChildren(
      ...found.map(([rule, count]) => {
        const row = document.createElement("li");
        row.style.setProperty("--share", count / most);
        const name = Object.assign(document.createElement("span"), { textContent: rule.replaceAll("_", " ") });
        const number = Object.assign(document.createElement("b"), { textContent: count.toLocaleString() });
        row.append(name, number);
        return row;
      }),
    );
    $("no-reasons").hidden = found.length > 0;
  }

  // Draw counts by tenths of a millisecond; bars have square roots, so that single notes are visible.
  #histogram() {
    const { width, height } = this.canvas.getBoundingClientRect();
    if (!width) return; // folded
    const ratio = Math.min(devicePixelRatio || 1, 2);
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    const floor = height - 14;
    const most = Math.sqrt(Math.max(...this.counts, 1));
    const bins = Math.max(this.counts.length, 51);
    const step = width / bins;
    context.fillStyle = color("line");
    context.fillRect(0, floor, width, 1);
    this.counts.forEach((count, bin) => {
      const tall = count ? Math.max((Math.sqrt(count) / most) * (floor - 2), 2) : 0;
      context.fillStyle = color(bin === bins - 1 ? "warning" : "accent");
      context.fillRect(bin * step + 0.5, floor - tall, Math.max(step - 1, 1), tall);
    });
    context.fillStyle = color("soft");
    context.font = "11px system-ui, sans-serif";
    for (let each = 0; each <= 5; each++) {
      context.textAlign = each === 0 ? "left" : each === 5 ? "right" : "center";
      const text = each === 5 ? "5 ms +" : `${each}`;
      context.fillText(text, Math.min((each / BIN) * step, width), height - 2);
    }
  }
}

const ms = (value) => `${value < 1 ? value.toFixed(2) : value.toFixed(1)} ms`;
