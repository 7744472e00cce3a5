// The drums in the roll: a strip of their own at its bottom, with a lane for each kind of drum.

import { LANES, laneOf } from "./drum_kit.js";

const LANE = 10; // pixels
const GAP = 5; // pixels above the strip
const HIT = 5; // pixels of width

export const STRIP = LANES.length * LANE + GAP;

export class DrumStrip {
  constructor(context, keys) {
    this.context = context;
    this.keys = keys; // pixels of the keyboard, in which the lanes are named
  }

  paper(top, width) {
    const { context } = this;
    context.fillStyle = "#0d0e13";
    context.fillRect(0, top, width, STRIP);
    LANES.forEach((_, lane) => {
      context.fillStyle = lane % 2 ? "rgba(255, 255, 255, 0.03)" : "rgba(255, 255, 255, 0.055)";
      context.fillRect(this.keys, top + GAP + lane * LANE, width, LANE);
    });
  }

  // Draw one hit, which is as tall as it is loud.
  hit(note, left, top, color) {
    const { context } = this;
    const lane = LANES.indexOf(laneOf(note.pitch));
    const height = 2 + (LANE - 3) * (note.velocity / 127);
    const middle = top + GAP + (lane + 0.5) * LANE;
    context.fillStyle = color;
    context.beginPath();
    context.roundRect(left, middle - height / 2, HIT, height, 1.5);
    context.fill();
  }

  names(top, lit) {
    const { context } = this;
    context.fillStyle = "#0d0e13";
    context.fillRect(0, top, this.keys - 4, STRIP);
    context.font = "9px system-ui, sans-serif";
    LANES.forEach((lane, index) => {
      context.fillStyle = lit.has(lane) ? "#e7e9f2" : "#8d93a9";
      context.fillText(lane, 3, top + GAP + (index + 1) * LANE - 2);
    });
  }
}
