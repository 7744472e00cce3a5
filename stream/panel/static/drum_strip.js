// The drums in the roll: a strip of their own at its bottom, with a lane for each kind of drum.

import { LANES, laneOf } from "./drum_kit.js";
import { color } from "./palette.js";

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
    context.fillStyle = color("roll-edge");
    context.fillRect(0, top, width, STRIP);
    LANES.forEach((_, lane) => {
      context.fillStyle = color(lane % 2 ? "roll-bar" : "roll-octave");
      context.fillRect(this.keys, top + GAP + lane * LANE, width, LANE);
    });
  }

  // Draw one hit, which is as tall as it is loud.
  hit(note, left, top, fill) {
    const { context } = this;
    const lane = LANES.indexOf(laneOf(note.pitch));
    const height = 2 + (LANE - 3) * (note.velocity / 127);
    const middle = top + GAP + (lane + 0.5) * LANE;
    context.fillStyle = fill;
    context.beginPath();
    context.roundRect(left, middle - height / 2, HIT, height, 1.5);
    context.fill();
  }

  names(top, lit) {
    const { context } = this;
    context.fillStyle = color("roll-edge");
    context.fillRect(0, top, this.keys - 4, STRIP);
    context.font = "9px system-ui, sans-serif";
    LANES.forEach((lane, index) => {
      context.fillStyle = color(lit.has(lane) ? "text" : "soft");
      context.fillText(lane, 3, top + GAP + (index + 1) * LANE - 2);
    });
  }
}
