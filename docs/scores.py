"""Write docs/score-STYLE.svg: a tune of three styles in notation, each the second of its stream.

The seed is drawn at random and told in the picture; nothing is chosen. The first tune of a stream
begins at once, without the rests before its first note, so the second one is written. Needs the
extra `scores`: music21 spells and beams the notes, verovio engraves them. A strain that is played
twice is written once, between repeat signs. `note_values` says how played notes are written.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import re
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Final

import music21
import verovio

from benchmarks.music.tunes import Tune, played
from docs.note_values import COMPOUND, Meter, Value, in_beats, meter_of, triplets, values
from docs.strains import Strain, strains
from stream.compose.composer import Composer
from stream.compose.melody.outline import Outline
from stream.compose.tune_plan import outline_of, plan_tune
from stream.config.settings import DEFAULT_VOICE
from stream.music.note import TICKS_PER_BEAT, Controls
from stream.music.scale import OCTAVE
from stream.music.stream_position import opening
from stream.voices.spec import find_voice

STYLES: Final = ("folk", "hymn", "jazz")
NUMBER: Final = 1
"""Number of the tune in its stream, from 0."""
WIDTH: Final = 2100
"""Width of a page in the engraver's units."""
LINE: Final = 4
"""Bars of a line; half as many in music of many notes."""
MANY: Final = 9
"""Notes of a bar."""
STEPS: Final = ("P1", "m2", "M2", "m3", "M3", "P4", "A4", "P5", "m6", "M6", "m7", "M7")
"""Interval above the tonic by which each pitch class is spelled."""
SUFFIXES: Final = ("", "m", "7", "m7", "maj7", "dim", "dim7", "m7b5", "+", "6", "m6", "sus4")
"""Sign of each quality of chord, in the order of `voicing.QUALITIES`."""
KINDS: Final = (
    "major", "minor", "dominant-seventh", "minor-seventh", "major-seventh", "diminished",
    "diminished-seventh", "half-diminished-seventh", "augmented", "major-sixth", "minor-sixth",
    "suspended-fourth",
)  # fmt: skip
"""Name of each of these qualities in MusicXML."""

SIGN: Final = re.compile(r'<tspan font-family="Leipzig" font-size="\d+px">([^<]*)')
SIGNS: Final = str.maketrans("\ueca5\uecb7\uea64\uea65\uea66", "\u2669.\u266d\u266e\u266f", " ")
"""Signs of the engraver's font that stand in text, and those of other fonts."""
PAPER: Final = '<rect width="100%" height="100%" style="fill: white; stroke: none"/>'
SIZED: Final = '<tspan font-size="405px">'


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
    """Return a tune of a stream in notation. Raises `VoiceError` for a voice without outlines."""
    controls = Controls(style=(((style, 1.0),),), ensemble="solo")
    composer = Composer(voice)
    request = dataclasses.replace(opening(seed, controls).request, tune=NUMBER)
    outline = outline_of(plan_tune(composer.spec, request))
    tune = next(islice(played(composer, seed, controls), NUMBER, None))
    found = music21.stream.Score([part(tune, outline)])
    first = tune.phrases[0]
    tonic = first.key.replace("b ", "\u266d ").replace("# ", "\u266f ")
    title = f"{outline.kind or style} in {tonic} (seed {seed})"
    found.metadata = music21.metadata.Metadata(title=title[0].upper() + title[1:])
    return found


def part(tune: Tune, outline: Outline) -> music21.stream.Part:
    """Return the measures of a tune with chords, repeats and the lines of the page."""
    first = tune.phrases[0]
    meter = meter_of(first.meter, first.bar)
    tonic, mode = first.key.split()
    key = music21.key.Key(tonic.replace("b", "-"), mode)
    found = music21.stream.Part(
        [music21.meter.TimeSignature(first.meter), key, _tempo(first.bpm, meter)]
    )
    written = list(strains(tune, outline))
    begin = 0
    for strain in written:
        for onset, symbol in symbols(strain, meter, key):
            found.insert(_quarters(begin + onset), symbol)
        begin += strain.length
    found.makeNotation(inPlace=True)
    measures = list(found.getElementsByClass("Measure"))
    many = sum(len(strain.notes) for strain in written) > MANY * len(measures)
    for measure in measures[:: LINE // 2 if many else LINE]:
        measure.insert(0, music21.layout.SystemLayout(isNew=True))
    for strain in written:
        bars = strain.length // meter.bar
        _mark(measures[:bars], strain, meter, key)
        measures = measures[bars:]
    return found


def _tempo(bpm: float, meter: Meter) -> music21.tempo.MetronomeMark:
    """Return the tempo, counted in the beats of compound meters and in quarter notes of others."""
    beat = 1.5 if meter.beat == COMPOUND else 1.0
    referent = music21.duration.Duration(beat)
    return music21.tempo.MetronomeMark(number=round(bpm / beat), referent=referent)


def symbols(
    strain: Strain, meter: Meter, key: music21.key.Key
) -> Iterator[tuple[int, music21.note.GeneralNote]]:
    """Yield onset and sign of each note and rest, with ties and triplets."""
    notes = in_beats(strain.notes, strain.length, meter)
    found = list(values(notes, strain.length, meter))
    ends = {value.onset: "stop" for group in triplets(found) for value in group[-1:]}
    begins = {value.onset: "start" for group in triplets(found) for value in group[:1]}
    before = False
    for value in found:
        symbol = _symbol(value, key)
        if value.tied or before:
            kind = {(False, True): "start", (True, True): "continue"}.get((before, value.tied))
            symbol.tie = music21.tie.Tie(kind or "stop")
        for each in symbol.duration.tuplets:
            each.type = begins.get(value.onset) or ends.get(value.onset)
        before = value.tied
        yield value.onset, symbol


def _symbol(value: Value, key: music21.key.Key) -> music21.note.GeneralNote:
    """Return a note, or a rest, of one value."""
    length = _quarters(value.end - value.onset)
    if value.pitch is None:
        return music21.note.Rest(quarterLength=length)
    return music21.note.Note(spelled(value.pitch, key), quarterLength=length)


def _mark(
    measures: list[music21.stream.Measure], strain: Strain, meter: Meter, key: music21.key.Key
) -> None:
    """Add chords, and repeat signs or a double bar, to the measures of a strain."""
    for onset, chord in strain.chords:
        number, at = divmod(onset, meter.bar)
        measures[number].insert(_quarters(at), chord_symbol(chord, key))
    if strain.times > 1:
        measures[0].leftBarline = music21.bar.Repeat(direction="start")
        measures[-1].rightBarline = music21.bar.Repeat(direction="end")
    elif measures[-1].rightBarline is None:
        measures[-1].rightBarline = music21.bar.Barline("double")


def chord_symbol(chord: int, key: music21.key.Key) -> music21.harmony.ChordSymbol:
    """Return the sign of a class of chord in C, in this key."""
    quality, root = divmod(chord - 1, OCTAVE)
    tonic = key.tonic.pitchClass
    name = spelled(60 + (root + tonic) % OCTAVE, key).name
    found = music21.harmony.ChordSymbol(root=name, kind=KINDS[quality])
    found.chordKindStr = SUFFIXES[quality]
    return found


def spelled(number: int, key: music21.key.Key) -> music21.pitch.Pitch:
    """Return a MIDI note as it is spelled in a key, by its interval above the tonic."""
    tonic = music21.pitch.Pitch(f"{key.tonic.name}4")
    found = tonic.transpose(STEPS[(number - tonic.pitchClass) % OCTAVE])
    if abs(found.alter) > 1:
        found = found.getEnharmonic()
    found.octave += round((number - found.ps) / OCTAVE)
    return found


def _quarters(ticks: int) -> Fraction:
    return Fraction(ticks, TICKS_PER_BEAT)


def engraved(found: music21.stream.Score) -> str:
    """Return a score as SVG on white, with the signs of text in the fonts of text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "score.musicxml"
        found.write("musicxml", fp=path)
        document = path.read_text(encoding="utf-8")
    kit = verovio.toolkit()
    kit.setOptions(
        {"pageWidth": WIDTH, "adjustPageHeight": True, "scale": 45, "footer": "none",
         "header": "auto", "breaks": "encoded", "minLastJustification": 0.0}
    )  # fmt: skip
    kit.loadData(document)
    return finished(str(kit.renderToSVG(1)))


def finished(picture: str) -> str:
    """Return a picture on white paper, with signs in text in any font instead of the engraver's."""
    plain = SIGN.sub(lambda sign: SIZED + sign[1].translate(SIGNS), picture)
    return plain.replace("<defs>", f"{PAPER}<defs>", 1)


if __name__ == "__main__":
    main()
