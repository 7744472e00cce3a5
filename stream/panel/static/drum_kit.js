// The drums of General MIDI, as the lanes of the roll and the sounds of the page.

export const LANES = ["crash", "ride", "hat", "tom", "snare", "kick"]; // from top to bottom

const LANE_OF = {
  kick: [35, 36],
  snare: [37, 38, 39, 40],
  tom: [41, 43, 45, 47, 48, 50],
  hat: [42, 44, 46],
  ride: [51, 53, 59],
  crash: [49, 52, 55, 57],
};
const BY_PITCH = new Map(
  Object.entries(LANE_OF).flatMap(([lane, pitches]) => pitches.map((pitch) => [pitch, lane])),
);
const SHAKEN = new Set([54, 69, 70, 82]); // tambourine, cabasa, maracas, shaker

// Return the lane of a pitch; other percussion is drawn with the drums that are most like it.
export function laneOf(pitch) {
  return BY_PITCH.get(pitch) ?? (SHAKEN.has(pitch) ? "hat" : "tom");
}
