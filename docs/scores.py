"""Write docs/score-STYLE.svg: a tune of three styles in notation, each the first of its stream.

The seed is drawn at random and told in the picture; nothing is chosen. Needs the extra `scores`:
music21 spells the notes, verovio engraves them. A strain that is played twice is written once,
between repeat signs.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import music21
import verovio

from benchmarks.music.tunes import Tune, played
from stream.compose.composer import Composer
from stream.compose.melody.outline import Outline
from stream.compose.tune_plan import plan_tune
from stream.config.settings import DEFAULT_VOICE
from stream.music.note import TICKS_PER_BEAT, Controls, Note
from stream.music.stream_position import opening
from stream.voices.spec import find_voice

STYLES = ("folk", "hymn", "jazz")
WIDTH = 2000
"""Width of a page in the engraver's units."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--to", type=Path, default=Path(__file__).parent, metavar="DIR")
    arguments = parser.parse_args()
    for style in STYLES:
        path = arguments.to / f"score-{style}.svg"
        path.write_text(engraved(score(arguments.voice, style, arguments.seed)), encoding="utf-8")
        print(path)


def score(voice: Path, style: str, seed: int) -> music21.stream.Score:
    """Return the first tune of a stream in notation."""
    controls = Controls(style=(((style, 1.0),),), ensemble="solo")
    composer = Composer(voice)
    plan = plan_tune(composer.spec, opening(seed, controls).request)
    tune = next(played(composer, seed, controls))
    if plan.outline is None:
        raise SystemExit(f"voice {voice}: has no outlines")
    part = music21.stream.Part()
    first = tune.phrases[0]
    words = ", ".join(filter(None, (plan.outline.kind or style, first.key)))
    for number, (notes, bars, times) in enumerate(strains(tune, plan.outline)):
        measured = _measures(notes, first.bar * bars, first.meter, first.key)
        measures = list(measured.getElementsByClass("Measure"))
        if times > 1:
            measures[0].leftBarline = music21.bar.Repeat(direction="start")
            measures[-1].rightBarline = music21.bar.Repeat(direction="end")
        for measure in measures:
            if number:
                for each in measure.getElementsByClass(["KeySignature", "TimeSignature", "Clef"]):
                    measure.remove(each)
            part.append(measure)
    found = music21.stream.Score([part])
    found.metadata = music21.metadata.Metadata(title=f"{words}, {first.bpm:.0f} bpm, seed {seed}")
    return found


def strains(tune: Tune, outline: Outline) -> Iterator[tuple[list[Note], int, int]]:
    """Yield the notes of each strain from its head, its bars, and how often it is played."""
    bar, begin = tune.phrases[0].bar, 0
    for strain, times in groupby(outline.strains):
        count = len(list(times))
        bars = outline.lengths[strain]
        end = begin + bars * bar
        notes = [n.moved(-begin) for n in tune.notes if begin <= n.onset < end]
        yield [n.until(min(n.end, bars * bar)) for n in notes], bars, count
        begin += count * bars * bar


def _measures(notes: Sequence[Note], length: int, meter: str, key: str) -> music21.stream.Stream:
    """Return notes and rests in measures with beams and ties."""
    found = music21.stream.Part()
    tonic, mode = key.split()
    found.append(music21.meter.TimeSignature(meter))
    signature = music21.key.Key(tonic.replace("b", "-"), mode)
    found.append(signature)
    last = 0
    for note in [*notes, dataclasses.replace(notes[-1], onset=length, duration=1)]:
        if note.onset > last:
            found.append(music21.note.Rest(quarterLength=_quarters(note.onset - last)))
        if note.onset < length:
            pitch = _spelled(note.pitch, signature)
            found.append(music21.note.Note(pitch, quarterLength=_quarters(note.duration)))
        last = note.end
    return found.makeNotation()


def _spelled(number: int, key: music21.key.Key) -> music21.pitch.Pitch:
    """Return a MIDI note as a key spells it: a sharp note in keys with sharps, else a flat one."""
    for degree in key.pitches:
        if degree.pitchClass == number % 12:
            found = music21.pitch.Pitch(degree.name)
            found.octave = round((number - found.ps) / 12) + found.implicitOctave
            return found
    found = music21.pitch.Pitch(number)
    wrong = "-" if key.sharps > 0 else "#"
    return found.getEnharmonic() if wrong in found.name else found


def _quarters(ticks: int) -> Fraction:
    return Fraction(ticks, TICKS_PER_BEAT)


def engraved(found: music21.stream.Score) -> str:
    """Return a score as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "score.musicxml"
        found.write("musicxml", fp=path)
        document = path.read_text(encoding="utf-8")
    kit = verovio.toolkit()
    kit.setOptions(
        {"pageWidth": WIDTH, "adjustPageHeight": True, "scale": 45, "footer": "none",
         "header": "auto", "breaks": "auto"}
    )  # fmt: skip
    kit.loadData(document)
    return str(kit.renderToSVG(1))


if __name__ == "__main__":
    main()
