"""Reading a listener's files: what can be used, and what is said about the rest."""

import mido
import pytest

from stream.compose.learning.sources import MOST_FILES, files_of, held_out, read
from stream.errors import CorpusError
from stream.voices.spec import find_voice, read_spec
from tests.stream.compose.learning.abc_files import tune, write

SPEC = read_spec(find_voice("commons"))


def test_tunes_are_read_with_their_form_meter_and_dance(tmp_path):
    found = read(write(tmp_path, 3), SPEC)
    outlines = [melody.outline for melody in found.melodies]
    assert [(o.meter, o.kind, o.strains) for o in outlines] == [("6/8", "jig", (0, 0, 1, 1))] * 3
    assert {o.tempo for o in outlines} == {90}
    assert found.left_out == []


def test_folders_are_searched(tmp_path):
    paths = write(tmp_path / "tunes", 2)
    (tmp_path / "tunes" / "notes.txt").write_text("no tune")
    assert files_of([tmp_path]) == paths


def test_a_midi_file_gives_its_melody_and_its_tempo(tmp_path):
    file, track = mido.MidiFile(ticks_per_beat=48), mido.MidiTrack()
    track += [
        mido.MetaMessage("set_tempo", tempo=400_000),
        mido.MetaMessage("time_signature", numerator=3, denominator=4),
    ]
    for i in range(120):
        pitch = 60 + (0, 2, 4, 5, 7, 9, 7, 5)[(i * 3 + i // 7) % 8]
        track += [
            mido.Message("note_on", note=pitch),
            mido.Message("note_off", note=pitch, time=24),
        ]
    file.tracks.append(track)
    file.save(tmp_path / "a.mid")
    file.save(tmp_path / "b.mid")
    found = read([tmp_path], SPEC)
    assert {melody.outline.tempo for melody in found.melodies} == {150}
    assert {melody.outline.bar for melody in found.melodies} == {6}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no line begins a tune"),
        ("X:1\nT:Short\nM:4/4\nL:1/8\nK:C\nCDEF GABc|\n", "fewer than 16 notes"),
        ("X:1\nT:Still\nM:4/4\nL:1/8\nK:C\n" + "CCCC CCCC|" * 16 + "\n", "one or two pitches"),
        (tune(1, meter="5/4", rhythm=""), "does not know its meter"),
        (tune(1, bars=2), "shorter than 12 bars"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_remedy(tmp_path, content, reason):
    good = write(tmp_path, 2)
    (tmp_path / "bad.abc").write_text(content)
    found = read([*good, tmp_path / "bad.abc"], SPEC)
    assert len(found.melodies) == 2
    (line,) = found.left_out
    assert "bad.abc" in line
    assert reason in line


def test_one_tune_is_not_a_style(tmp_path):
    with pytest.raises(CorpusError, match=r"only one tune can be used.*add tunes"):
        read(write(tmp_path, 1), SPEC)


@pytest.mark.parametrize(("name", "reason"), [("a.txt", "unknown type"), ("a.abc", "no such file")])
def test_a_missing_or_strange_file_is_told(tmp_path, name, reason):
    with pytest.raises(CorpusError, match=reason):
        read([tmp_path / name], SPEC)


def test_an_empty_folder_is_told(tmp_path):
    with pytest.raises(CorpusError, match="name some tunes"):
        files_of([tmp_path])
    assert MOST_FILES > 1000


def test_parts_of_a_tune_are_on_one_side(tmp_path):
    melodies = read(write(tmp_path, 8), SPEC).melodies
    learning, checking = held_out([*melodies, *melodies])
    assert {m.group for m in learning}.isdisjoint({m.group for m in checking})
    assert len(learning) + len(checking) == 16
    assert checking


def test_a_long_tune_is_cut_at_bar_lines(tmp_path):
    (tmp_path / "long.abc").write_text(tune(3, bars=60))
    write(tmp_path, 1)
    found = read([tmp_path], SPEC)
    assert len(found.melodies) > 2
    assert all(len(melody.outline.phrases()) <= 12 for melody in found.melodies)
