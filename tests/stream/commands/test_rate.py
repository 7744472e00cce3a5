import hashlib
import json
import sys

import mido
import pytest

from stream.__main__ import main
from stream.music import ratings

SONG = (60, 62, 64, 65, 67, 65, 64, 62) * 3


@pytest.fixture
def song(tmp_path):
    """A short tune as a MIDI file; its first note lasts two units."""
    track = mido.MidiTrack()
    for i, pitch in enumerate(SONG):
        track.append(mido.Message("note_on", note=pitch, velocity=80))
        track.append(mido.Message("note_off", note=pitch, time=24 if i else 48))
    midi = mido.MidiFile(ticks_per_beat=48)
    midi.tracks.append(track)
    path = tmp_path / "song.mid"
    midi.save(path)
    return path


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "ratings.jsonl"


def rate(*args):
    return main(["rate", *map(str, args)])


@pytest.fixture
def terminal(monkeypatch):
    """Answers to the questions, one after another."""

    def answer(*answers):
        left = list(answers)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda _: left.pop(0) if left else _end())
        return left

    return answer


def _end():
    raise EOFError


def test_a_file_with_something_odd_in_it_is_rated_and_the_oddity_said(song, kept, capsys):
    content = song.read_bytes()
    song.write_bytes(content.replace(b"\xff\x2f\x00", b"\xff\x58\x01\x03\x00\xff\x2f\x00"))
    size = int.from_bytes(content[18:22], "big") + 5
    song.write_bytes(song.read_bytes()[:18] + size.to_bytes(4, "big") + song.read_bytes()[22:])
    assert rate(song, "--stars", 4, "--ratings", kept) == 0
    passed = "read, but skipped 1 \u00d7 malformed meta event"
    assert capsys.readouterr().err == f"perpetuum: {song}: {passed}\n"


def test_a_rating_holds_what_fitting_needs(song, kept, capsys):
    assert rate(song, "--stars", 4, "--style", "folk", "--ratings", kept) == 0
    assert capsys.readouterr().out == f"{song}: 4 of 5, stored in {kept}\n"
    assert json.loads(kept.read_bytes()) == {
        "file": "song.mid",
        "sha256": hashlib.sha256(song.read_bytes()).hexdigest(),
        "stars": 4,
        "style": "folk",
        "notes": [[p, 12 if i else 24] for i, p in enumerate(SONG)],
    }


def test_on_a_terminal_it_asks_until_the_answer_makes_sense(song, kept, terminal, capsys):
    left = terminal("6", "good", " 2 ", "5")
    assert rate(song, song, "--ratings", kept) == 0
    assert left == []
    assert [r.stars for r in ratings.read(kept)[0]] == [2, 5]
    assert "'6' is not a whole number of stars" in capsys.readouterr().out


def test_who_goes_away_keeps_what_was_rated(song, kept, terminal, capsys):
    terminal("3")
    assert rate(song, song, "--ratings", kept) == 2
    assert "no answer; earlier ratings are stored" in capsys.readouterr().err
    assert [r.stars for r in ratings.read(kept)[0]] == [3]


@pytest.mark.parametrize("stars", ["0", "6", "3.5", "many"])
def test_stars_out_of_range(song, kept, stars, capsys):
    assert rate(song, "--stars", stars, "--ratings", kept) == 2
    assert f"--stars {stars}: give a whole number of stars from 1" in capsys.readouterr().err
    assert not kept.exists()


def test_without_a_terminal_stars_must_be_given(song, kept, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert rate(song, "--ratings", kept) == 2
    assert (
        "standard input is not a terminal; rate the files by a flag, such as --stars 4"
        in capsys.readouterr().err
    )


def test_nothing_is_rated_where_a_file_is_no_music(song, kept, capsys):
    text = song.with_suffix(".txt")
    text.write_text("no music")
    assert rate(song, text, "--stars", 4, "--ratings", kept) == 2
    assert "song.txt: not a readable MIDI file" in capsys.readouterr().err
    assert not kept.exists()
