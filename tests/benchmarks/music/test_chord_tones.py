import argparse
import dataclasses
import pathlib

import numpy as np
import pytest

from benchmarks.music import chord_tones
from stream.compose.melody.outline import line as outline_line
from stream.compose.melody.outline import parsed
from stream.compose.melody.vocabulary import encode_pitch
from stream.errors import SettingsError, VoiceError
from stream.voices.spec import read_spec, replace_spec

DATA = pathlib.Path(__file__).parents[2] / "data"
OUTLINED, TINY = DATA / "tiny_outlined.onnx", DATA / "tiny.onnx"
C_MAJOR, F_SHARP_MAJOR = 1, 7
EIGHTH, HALF = 5, 10
FORM = "8x24 4/4;major;;0;0;0;4;.4;2222;4444;"
REST = (12, 7, HALF)


def line(events, chords, piece="0"):
    tokens = np.array(events, np.int64)
    return chord_tones.line(tokens, parsed(FORM + chords), piece)


def note(pitch, duration):
    return (*encode_pitch(pitch), duration)


def arpeggios(piece="0", chords="1:8 7:8 1:8 7:8"):
    """C major and F sharp major in turns, a chord tone at each bar line and a wrong note after."""
    bars = [(60, 62), (66, 67), (64, 65), (70, 60)]
    events = [note(p, HALF) for bar in bars for p in bar]
    return line(events, chords, piece)


def test_notes_are_counted_by_strength_under_the_chord_that_sounds():
    events = [note(60, EIGHTH), note(62, EIGHTH), note(64, EIGHTH), note(67, EIGHTH), REST]
    played = line([*events, note(66, EIGHTH)], "1:8 7:24")
    hits, notes = chord_tones.counts(played, played.chords)
    assert notes.tolist() == [2, 1, 2]
    assert hits.tolist() == [2, 1, 1]


def test_notes_without_a_chord_are_left_out():
    played = arpeggios(chords="1:8 0:24")
    assert chord_tones.counts(played, played.chords).sum(1).tolist() == [1, 2]


def test_wrong_chords_lose():
    lines = [arpeggios("0"), arpeggios("1")]
    lines[1] = dataclasses.replace(lines[1], chords=np.roll(lines[1].chords, 8))
    found = chord_tones.systems("line", lines[:1] * 2 + lines[1:])
    shares = {name: chord_tones.shares(table)[0] for name, table in found.items()}
    right, bars, others = shares.values()
    assert [len(table) for table in found.values()] == [2, 2, 2]
    assert right[0] == pytest.approx(2 / 3)
    assert max(bars[0], others[0]) < right[0]


def test_shares_are_totals_over_totals():
    table = np.array([[[1, 0, 0], [1, 1, 1]], [[0, 0, 3], [3, 1, 3]]], float)
    share, error = chord_tones.shares(table)
    assert share.tolist() == [1 / 4, 0, 3 / 4, 4 / 10]
    assert error[0] > 0
    assert error[1] == 0


def test_tunes_are_composed_over_their_changes(tmp_path):
    spec, data = read_spec(OUTLINED), OUTLINED.read_bytes()
    chorded = {
        name: dataclasses.replace(style, outlines=tuple(map(with_chords, style.outlines)))
        for name, style in spec.styles.items()
    }
    voice = tmp_path / "chorded.onnx"
    voice.write_bytes(replace_spec(data, dataclasses.replace(spec, styles=chorded)))
    lines = chord_tones.composed(options(voice))
    assert [each.piece for each in lines] == ["1", "2"]
    for each in lines:
        assert each.onsets.max() < 12 * each.chords.size
        assert set(each.chords.tolist()) == {C_MAJOR, F_SHARP_MAJOR}
    again = chord_tones.composed(options(voice))
    assert again[1].classes.tolist() == lines[1].classes.tolist()


def with_chords(line):
    outline = parsed(line)
    half = outline.bar * outline.bars // 2
    chords = ((C_MAJOR, half), (F_SHARP_MAJOR, half))
    return outline_line(dataclasses.replace(outline, chords=chords))


def options(voice):
    return argparse.Namespace(voice=voice, style="even", seed=3, tunes=2)


def test_a_voice_without_outlines_or_chords_is_refused():
    with pytest.raises(VoiceError, match="has no outlines"):
        chord_tones.composed(options(TINY))
    with pytest.raises(SettingsError, match="--style even: none of its outlines has chords"):
        chord_tones.composed(options(OUTLINED))


def test_the_page_has_a_row_for_each_system():
    records = chord_tones.records(chord_tones.systems("line", [arpeggios("0"), arpeggios("1")]))
    page = chord_tones.page(records, "python -m it")
    assert page.count("| line") == 3
    assert "0.500 ±" in page
    assert [r.set for r in records[:4]] == [*chord_tones.STRENGTHS, "all notes"]
