// A picture of the energy: of the last minutes, and of those to come.

import { color } from "./palette.js";

const SPAN = 180; // seconds on either side of now
const STEP = 1000; // milliseconds between two pictures
const LEVELS = [0.35, 0.65]; // the bounds of calm, usual and lively

export class Energy {
  #arc = { known: [], coming: [] };
  #size = { width: 0, height: 0 };

  constructor(canvas, recentPhrases) {
    this.canvas = canvas;
    this.recentPhrases = recentPhrases;
    new ResizeObserver(() => this.#resize()).observe(canvas);
    setInterval(() => this.#draw(), STEP);
    addEventListener("themechange", () => this.#draw());
  }

  show(arc) {
    this.#arc = arc;
    this.#draw();
  }

  #resize() {
    const { width, height } = this.canvas.getBoundingClientRect();
    const ratio = Math.min(devicePixelRatio || 1, 2);
    this.#size = { width, height };
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#draw();
  }

  #draw() {
    const { width, height } = this.#size;
    if (!width || !this.canvas.checkVisibility()) return;
    const context = this.canvas.getContext("2d");
    const floor = height - 16;
    const now = this.recentPhrases.now();
    const x = (time) => (0.5 + (0.5 * (time - now)) / SPAN) * width;
    const y = (energy) => 4 + (1 - energy) * (floor - 8);
    context.clearRect(0, 0, width, height);
    context.fillStyle = color("line");
    for (const level of LEVELS) context.fillRect(0, Math.round(y(level)), width, 1);
    const points = [...this.#arc.known, ...this.#arc.coming].map(([at, energy]) => [x(at), y(energy)]);
    this.#curve(context, points, width / 2, floor);
    context.fillStyle = color("playhead");
    context.fillRect(Math.round(width / 2) - 0.5, 2, 1.5, floor - 2);
    this.#words(context, width, height);
    this.#describe(now);
  }

  // Draw what was played as a filled line, and what is to come as a dashed one.
  #curve(context, points, middle, floor) {
    if (points.length < 2) return;
    const line = new Path2D();
    for (const [x, y] of points) line.lineTo(x, y);
    const area = new Path2D(line);
    area.lineTo(points.at(-1)[0], floor);
    area.lineTo(points[0][0], floor);
    for (const past of [true, false]) {
      context.save();
      context.beginPath();
      context.rect(past ? 0 : middle, 0, middle, floor);
      context.clip();
      context.fillStyle = context.strokeStyle = color("accent");
      context.globalAlpha = past ? 0.2 : 0.07;
      context.fill(area);
      context.globalAlpha = past ? 1 : 0.8;
      context.setLineDash(past ? [] : [5, 4]);
      context.lineWidth = 2;
      context.stroke(line);
      context.restore();
    }
  }

  #words(context, width, height) {
    context.fillStyle = color("soft");
    context.font = "11px system-ui, sans-serif";
    for (const [text, at, align] of [["3 min ago", 0, "left"], ["now", width / 2, "center"], ["in 3 min", width, "right"]]) {
      context.textAlign = align;
      context.fillText(text, at, height - 3);
    }
  }

  #describe(now) {
    const { known, coming } = this.#arc;
    const current = known.findLast(([at]) => at <= now) ?? known[0];
    if (!current) return;
    const percent = (energy) => `${Math.round(100 * energy)} %`;
    const last = coming.at(-1) ?? current;
    const text = `Energy: ${percent(current[1])} now, ${percent(last[1])} in three minutes`;
    if (this.canvas.ariaLabel !== text) this.canvas.ariaLabel = text;
    const shown = document.getElementById("energy-now");
    if (shown.textContent !== percent(current[1])) shown.textContent = percent(current[1]);
  }
}
