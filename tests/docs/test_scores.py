import dataclasses
import pathlib
import re

import pytest

from stream.compose.melody.outline import line, parsed
from stream.voices.spec import read_spec, replace_spec

music21 = pytest.importorskip("music21")
pytest.importorskip("verovio")
from docs import scores  # noqa: E402

OUTLINED = pathlib.Path(__file__).parents[1] / "data" / "tiny_outlined.onnx"
E_FLAT = music21.key.Key("E-")


def with_chords(text):
    outline = parsed(text)
    return line(dataclasses.replace(outline, chords=((1, outline.bar * outline.bars),)))


@pytest.fixture(scope="module")
def score(tmp_path_factory):
    spec = read_spec(OUTLINED)
    styles = {
        name: dataclasses.replace(style, outlines=tuple(map(with_chords, style.outlines)))
        for name, style in spec.styles.items()
    }
    voice = tmp_path_factory.mktemp("voice") / "chorded.onnx"
    voice.write_bytes(replace_spec(OUTLINED.read_bytes(), dataclasses.replace(spec, styles=styles)))
    return scores.score(voice, "even", 3)


def test_a_tune_is_whole_measures_with_a_chord_at_the_head_of_each_strain(score):
    measures = list(score.recurse().getElementsByClass("Measure"))
    assert [m.number for m in measures] == list(range(1, len(measures) + 1))
    whole = measures[0].barDuration.quarterLength
    for measure in measures:
        notes = measure.notesAndRests
        assert sum(n.quarterLength for n in notes) == whole
    assert len(list(score.recurse().getElementsByClass("TimeSignature"))) == 1
    assert len(list(score.recurse().getElementsByClass("KeySignature"))) == 1
    assert list(score.recurse().getElementsByClass("ChordSymbol"))
    assert "(seed 3)" in score.metadata.title


def test_ties_and_brackets_open_and_close(score):
    opened = False
    for note in score.recurse().notes:
        if "ChordSymbol" not in note.classes:
            assert opened == (note.tie is not None and note.tie.type in {"continue", "stop"})
            opened = note.tie is not None and note.tie.type in {"start", "continue"}
    types = [t.type for n in score.recurse().notesAndRests for t in n.duration.tuplets]
    edges = [t for t in types if t]
    assert edges == ["start", "stop"] * (len(edges) // 2)


def test_the_picture_needs_no_font_of_signs(score):
    picture = scores.engraved(score)
    texts = re.findall(r"<tspan[^>]*>([^<]*)<", picture)
    assert not any("\ue000" <= c <= "\uf8ff" for c in "".join(texts))
    assert 'style="fill: white' in picture


@pytest.mark.parametrize(
    ("key", "number", "name"),
    [("E-", 66, "G-4"), ("E-", 69, "A4"), ("d", 61, "C#4"), ("G", 66, "F#4"), ("D-", 59, "C-4"),
     ("D-", 57, "A3"), ("G-", 60, "C4"), ("c", 71, "B4")],
)  # fmt: skip
def test_notes_are_spelled_in_the_key(key, number, name):
    found = scores.spelled(number, music21.key.Key(key))
    assert (found.nameWithOctave, found.midi) == (name, number)


def test_chords_are_named_in_the_key_of_the_tune():
    minor_on_g = 1 + 12 + 7
    found = scores.chord_symbol(minor_on_g, E_FLAT)
    assert (found.root().name, found.chordKindStr) == ("B-", "m")
