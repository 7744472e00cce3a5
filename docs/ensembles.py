"""Draw docs/ensembles.png: one phrase of each ensemble, its parts named and colored."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.ensemble.whole import PLANS, Plan
from stream.compose.composer import Composer
from stream.ensembles.ensemble import load
from stream.music.controls import Controls
from stream.music.note import TICKS_PER_BEAT, Note, Phrase
from stream.music.part import COMPANION_PARTS, DRUMS
from stream.music.stream_position import opening
from stream.voices.spec import find_voice

COLORS: Mapping[str, str] = {
    "lead": "#D55E00", "harmony": "#CC79A7", "comping": "#E69F00", "bass": "#0072B2",
    "alto": "#009E73", "tenor": "#56B4E9", "drums": "#333333",
}  # fmt: skip
"""Colors that color-blind eyes can tell apart (Okabe & Ito 2008), by role."""
HEIGHTS: Mapping[str, float] = {"harmony": 1.1, "comping": 0.6, "lead": 0.8}
"""Heights in semitones, which differ so that both parts of a unison are visible."""
ORDER = ("harmony", "bass", "tenor", "alto", "comping", "lead", "drums")
"""Roles from the one that is drawn first."""
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
DRUM_LANES: Mapping[int, int] = {36: 0, 38: 1, 37: 1, 42: 2, 44: 2, 46: 2, 51: 3, 53: 3, 49: 4}
"""Lane below the notes of each drum; toms are in the lane of the crash."""
LANE = 1.6
"""Height of a lane in semitones."""
PHRASE = 6
"""Number of the phrase that is drawn, from 0."""
GAP_TICKS = 3
"""Ticks cut from the end of each drawn note, so that repeated notes stay separate."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--to", type=Path, default=Path(__file__).with_name("ensembles.png"))
    arguments = parser.parse_args()
    plans = {name: plan for name, plan in PLANS.items() if name != "solo"}
    drawing = Figure(figsize=(14, 3.1 * ((len(plans) + 1) // 2)), layout="constrained")
    axes = drawing.subplots((len(plans) + 1) // 2, 2).flat
    for axis, (name, plan) in zip(axes, plans.items(), strict=False):
        draw(axis, name, phrase_of(name, plan, arguments.seed))
    for axis in list(axes)[len(plans) :]:
        axis.set_visible(False)
    drawing.savefig(arguments.to, dpi=100)
    print(arguments.to)


def phrase_of(ensemble: str, plan: Plan, seed: int) -> Phrase:
    """Return one phrase that an ensemble plays."""
    composer = Composer(find_voice(plan.voice))
    controls = Controls(ensemble=ensemble, style=(((plan.style, 1.0),),), energy=0.7, arc=0.0)
    position = opening(seed, controls)
    for _ in range(PHRASE):
        position = position.after(composer.compose(position.request))
    return composer.compose(position.request)


def draw(axis: Any, name: str, phrase: Phrase) -> None:
    """Draw a phrase with a legend of its parts."""
    ensemble = load(name)
    pitched = [n for n in phrase.notes if n.channel != COMPANION_PARTS[DRUMS]]
    lowest = min(n.pitch for n in pitched)
    numbers = {role: part for role, part in COMPANION_PARTS.items() if role not in phrase.silent}
    numbers |= {role: part for part, role in enumerate(phrase.roles) if role}
    for role in ensemble.parts:
        own = [n for n in phrase.notes if n.channel == numbers.get(role, -1)]
        if not own:
            continue
        if role == DRUMS:
            _strokes(axis, own, lowest)
        else:
            axis.barh(
                [n.pitch for n in own], [n.duration - GAP_TICKS for n in own],
                left=[n.onset for n in own], height=HEIGHTS.get(role, 0.8), color=COLORS[role],
                label=role, linewidth=0, zorder=ORDER.index(role) + 1,
            )  # fmt: skip
    for bar in range(phrase.length % phrase.bar, phrase.length + 1, phrase.bar):
        axis.axvline(bar, color="#9ca3af", lw=0.8, zorder=0)
    octaves = [p for p in range(lowest, max(n.pitch for n in pitched) + 1) if p % 12 == 0]
    axis.set_yticks(octaves, [f"{NAMES[p % 12]}{p // 12 - 1}" for p in octaves], fontsize=8)
    beats = range(0, phrase.length + 1, TICKS_PER_BEAT)
    axis.set_xticks(list(beats), [""] * len(beats))
    axis.set_xlim(-6, phrase.length + 6)
    axis.set_title(ensemble.title, fontsize=10, loc="left")
    handles, labels = axis.get_legend_handles_labels()
    listed = sorted(zip(labels, handles, strict=True), key=lambda pair: list(COLORS).index(pair[0]))
    axis.legend(
        [handle for _, handle in listed], [label for label, _ in listed], loc="upper left",
        bbox_to_anchor=(1, 1), frameon=False, fontsize=8,
    )  # fmt: skip
    axis.spines[["top", "right"]].set_visible(False)


def _strokes(axis: Any, notes: list[Note], lowest: int) -> None:
    """Draw the strokes of drums in lanes below the notes, larger where they are louder."""
    heights = [lowest - 3 - LANE * (4 - DRUM_LANES.get(n.pitch, 4)) for n in notes]
    sizes = [2 + 26 * (n.velocity / 127) ** 2 for n in notes]
    at = [n.onset + n.offset / 10 for n in notes]
    axis.scatter(at, heights, s=sizes, color=COLORS[DRUMS], label=DRUMS, linewidth=0)


if __name__ == "__main__":
    main()
