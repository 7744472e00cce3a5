"""Draw docs/chorale.png: a chorale composed by the shipped voice, with a color for each part."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from stream.compose.composer import Composer
from stream.music.note import TICKS_PER_BEAT, Controls, Note, Phrase
from stream.music.stream_position import StreamPosition
from stream.voices.spec import find_voice

PARTS = ("soprano", "alto", "tenor", "bass")
COLORS = ("#D55E00", "#009E73", "#56B4E9", "#0072B2")
"""Colors that color-blind eyes can tell apart (Okabe & Ito 2008)."""
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
HEIGHTS = (1.0, 0.8, 0.6, 0.4)
"""Heights of the parts in semitones, which differ so that both parts of a unison are visible."""
GAP_TICKS = 3
"""Ticks cut from the end of each drawn note, so that repeated notes stay separate."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--tune", type=int, default=1, help="number of the tune in the stream; the first is 0"
    )
    parser.add_argument("--to", type=Path, default=Path(__file__).with_name("chorale.png"))
    arguments = parser.parse_args()
    draw(composed(arguments.seed, arguments.tune), arguments.to)
    print(arguments.to)


def composed(seed: int, tune: int) -> list[Phrase]:
    """Return the phrases of one tune of a stream."""
    composer = Composer(find_voice("chorale"))
    position, found = StreamPosition(seed, Controls()), []
    while position.request.tune <= tune:
        phrase = composer.compose(position.request)
        position = position.after(phrase)
        if phrase.tune == tune:
            found.append(phrase)
    return found


def together(phrases: Sequence[Phrase]) -> list[tuple[int, Note]]:
    """Return every note of the phrases with its start tick."""
    found, begin = [], 0
    for phrase in phrases:
        found += [(begin + note.onset, note) for note in phrase.notes]
        begin += phrase.length
    return found


def draw(phrases: Sequence[Phrase], path: Path) -> None:
    """Write the picture."""
    notes, bar = together(phrases), phrases[0].bar
    drawing = Figure(figsize=(12.8, 4.6), layout="constrained")
    axis = drawing.subplots()
    for part, (name, color) in enumerate(zip(PARTS, COLORS, strict=True)):
        own = [(at, note) for at, note in notes if note.channel == part]
        axis.barh(
            [note.pitch for _, note in own], [note.duration - GAP_TICKS for _, note in own],
            left=[at for at, _ in own], height=HEIGHTS[part], color=color, label=name, linewidth=0,
        )  # fmt: skip
    end = sum(phrase.length for phrase in phrases)
    begin = 0
    for phrase in phrases[:-1]:
        begin += phrase.length
        axis.axvline(begin, color="#6b7280", lw=1, ls=":")
    pitches = [note.pitch for _, note in notes]
    octaves = [p for p in range(min(pitches), max(pitches) + 1) if p % 12 in {0, 7}]
    axis.set_yticks(octaves, [f"{NAMES[p % 12]}{p // 12 - 1}" for p in octaves])
    bars = range(0, end, bar)
    axis.set_xticks(bars, [str(i + 1) for i in range(len(bars))], fontsize=8)
    axis.set_xlim(-TICKS_PER_BEAT / 2, end + TICKS_PER_BEAT / 2)
    axis.set_xlabel("bar; dotted: where a phrase ends")
    axis.grid(color="#eef0f3", zorder=0)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    drawing.legend(loc="outside upper center", ncols=len(PARTS), frameon=False)
    drawing.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
