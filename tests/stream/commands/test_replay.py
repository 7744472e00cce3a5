import dataclasses
import json
import tempfile
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.__main__ import main
from stream.commands import recompose
from stream.compose import queries
from stream.ensembles.library import Ensembles
from stream.music.stream_position import opening
from stream.play.recording import recorder
from stream.play.recording.growing_midi_file import END_OF_TRACK, LENGTH, LENGTH_AT
from stream.play.recording.growing_midi_file import HEADER as HEADER_BYTES
from stream.play.recording.header import Header
from stream.play.recording.recorder import Recorder
from stream.play.sinks.midifile import MidiFileSink
from stream.play.timing.scheduler import performed_notes
from stream.profiles.profile import Profile, to_document
from stream.taste.terms import Taste
from stream.util.version import program_version
from stream.voices.spec import digest
from tests.stream.commands.voice_here import VoiceHere
from tests.stream.compose.conftest import CHORALE, DATA, OUTLINED, PIANO, TINY
from tests.stream.conftest import on
from tests.stream.play.listener import ANY_VOICE, DEEDS, Listener

HEADER = Header(program_version(), str(TINY), digest(TINY), seed=5)


def recorded(folder, heard, minutes=0.0, header=HEADER):
    """The rolling recordings of what was heard, and a saved one."""
    own = Recorder(folder, header, hours=24)
    for played in heard:
        own.record_part(played)
    if minutes:
        own.save(minutes)
    own.close()
    assert not own.notices
    return sorted(folder.iterdir())


def listened(*actions, **controls):
    listener = Listener(HEADER.seed, **controls)
    for action in actions:
        listener.do(*action)
    return listener.heard


def replay(path, *args, voice=TINY):
    given = () if "--voice" in args else ("--voice", voice)
    return main(["replay", *map(str, (path, *given, *args))])


@pytest.fixture(autouse=True)
def _voices_here(monkeypatch):
    """Hundreds of files are replayed: their voice is loaded here, not in a process for each."""
    monkeypatch.setattr(recompose, "VoiceProcess", VoiceHere)
    monkeypatch.setattr(queries, "bound_time", lambda seconds: None)


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A short one, with all that may happen."""
    heard = listened(
        ("listen", None), ("move", {"swing": 0.33, "bpm": 97.3}), ("cut", 0.4),
        ("arrange", (0.5, {"transpose": 3, "scale": "C major"})), ("repeat", 3), ("next", None),
        ("call", [40, 43, 45]), ("listen", None), ("restart", None), ("listen", None),
    )  # fmt: skip
    (path,) = recorded(tmp_path_factory.mktemp("recordings"), heard)
    return path


@settings(max_examples=20, deadline=None)
@given(st.lists(DEEDS, min_size=1, max_size=14), st.floats(0.05, 2), st.sampled_from([5.0, 30.0]))
def test_whatever_was_played_is_composed_again_byte_for_byte(actions, minutes, seconds):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "SECTION_SECONDS", seconds)
        heard = listened(*actions)
        *rolling, saved = recorded(Path(folder), heard, minutes)
        assert saved.name.startswith("saved-")
        for path in (*rolling, saved):
            assert replay(path) == 0
        notes = [m for path in rolling for m in mido.MidiFile(path) if m.type == "note_on"]
        assert len(notes) == sum(len(played.phrase(None).notes) for played in heard)


def test_a_recording_across_a_fresh_point_is_composed_again(tmp_path, capsys):
    """Twelve minutes: the second file begins in the middle of the stream."""
    heard = listened(*[("listen", None)] * 100, candidates=1)
    first, second, saved = recorded(tmp_path, heard, minutes=10)
    phrases = 0
    for path in (first, second, saved):
        assert replay(path, "--json") == 0
        facts = json.loads(capsys.readouterr().out)
        assert (facts["file"], facts["same"], facts["differs"]) == (str(path), True, [])
        phrases += facts["phrases"] if path != saved else 0
    assert phrases == 100
    lengths = [mido.MidiFile(path).length for path in (first, second, saved)]
    assert 540 <= lengths[0] < 700
    assert 600 <= lengths[2] < 600 + 20
    assert sum(lengths[:2]) == pytest.approx(sum(p.phrase(None).length for p in heard) / 96)


def test_what_stars_moved_is_composed_again_and_other_ratings_are_told(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    taste = Taste((("leaps", -8.0, 0.0, 0.3),), "0123456789abcdef", 12, "Fewer leaps.")
    listener = Listener(HEADER.seed, candidates=8)
    listener._position = opening(HEADER.seed, listener._position.controls, taste)
    for action in ("listen", "listen", "next", "restart", "cut", "listen"):
        listener.do(action, 0.4)
    (path,) = recorded(tmp_path / "recordings", listener.heard)
    assert replay(path) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "re-created byte for byte" in first
    assert second.startswith("ratings: ")
    assert taste.ratings in second
    assert "none here" in second
    assert replay(path, "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["same"], len(facts["ratings"])) == (True, 1)


FLUTE = """
title = "A flute alone"
swing = "tempo"
[parts.lead]
program = 74
"""


def banded(heard, ensembles):
    """What was heard, as the player records it: with the digest of each ensemble."""
    return [
        dataclasses.replace(played, digest=found.digest)
        if (found := ensembles.named(played.source.ensemble))
        else played
        for played in heard
    ]


@pytest.fixture
def band(tmp_path):
    """A recording of the file of an ensemble, and that file."""
    file = tmp_path / "flute.toml"
    file.write_text(FLUTE)
    heard = listened(
        ("listen", None), ("move", {"ensemble": str(file)}), ("next", None), ("listen", None),
        ("arrange", (0.4, {"expression": 2.0})), ("move", {"ensemble": "solo"}), ("next", None),
        ("repeat", 2), ("listen", None),
    )  # fmt: skip
    heard = banded(heard, Ensembles())
    assert not any(played.source.failed for played in heard)
    rolling, saved = recorded(tmp_path / "recordings", heard, minutes=0.3)
    return rolling, saved, file


def test_an_ensemble_is_played_again(band, tmp_path):
    *recordings, file = band
    for path in recordings:
        assert replay(path, "--ensemble", file) == 0
        programs = [m.program for m in mido.MidiFile(path) if m.type == "program_change"]
        # The rolling one begins without an ensemble; then come a flute, and a piano.
        assert programs in ([73, 0], [0])
        assert b'"source"' not in path.read_bytes()
    moved = tmp_path / "elsewhere.toml"
    moved.write_text(FLUTE)
    assert replay(recordings[0], "--ensemble", moved) == 0


def test_an_ensemble_that_is_needed_or_has_changed_is_told(band, capsys):
    rolling, _, file = band
    assert replay(rolling) == 2
    assert f"ensemble '{file}': not a shipped ensemble" in capsys.readouterr().err.replace(
        "\n", " "
    )
    file.write_text(FLUTE.replace("74", "75"))
    assert replay(rolling, "--ensemble", file) == 1
    out = capsys.readouterr().out
    assert f"ensemble {file}: the file here has SHA-256" in out
    assert "recorded program 74 on channel" in out


def test_recordings_of_before_ensembles_are_composed_again(tmp_path):
    """Format 1: without ensemble and expression, on the grid, swing on whole ticks."""
    old = {"ensemble": "solo", "expression": 0.0, "arc": 0.0}
    heard = listened(
        ("listen", None), ("move", {"swing": 0.3}), ("cut", 0.4), ("repeat", 1), ("listen", None),
        **old,
    )  # fmt: skip
    heard = [
        dataclasses.replace(
            played, source=dataclasses.replace(played.source, ensemble="", roles=())
        )
        for played in heard
    ]
    (path,) = recorded(tmp_path, heard, header=dataclasses.replace(HEADER, format=1))
    assert b'"format":1' in path.read_bytes()
    assert b"ensemble" not in path.read_bytes()
    assert b"arc" not in path.read_bytes()
    assert replay(path) == 0


def test_it_says_so(recording, capsys, tmp_path):
    copy = tmp_path / "copy.mid"
    assert replay(recording, "--to", copy) == 0
    assert capsys.readouterr().out == f"{recording}: 12 phrases, re-created byte for byte\n"
    assert copy.read_bytes() == recording.read_bytes()


def test_a_recording_is_never_written_over_by_its_replay(recording, tmp_path, capsys):
    link = tmp_path / "link.mid"
    link.symlink_to(recording)
    before = recording.read_bytes()
    assert replay(recording, "--to", link) == 2
    assert f"--to {link}: already exists, and is not replaced" in capsys.readouterr().err
    assert recording.read_bytes() == before


def test_another_voice_is_told(recording, tmp_path, capsys, monkeypatch):
    header = Header("0.0.1", "moved.onnx", digest(TINY), seed=5)
    (path,) = recorded(tmp_path / "recordings", listened(("listen", None)), header=header)
    assert main(["replay", str(path)]) == 2
    assert "voice 'moved.onnx': not a shipped voice" in capsys.readouterr().err
    assert replay(path, "--voice", TINY) == 0
    capsys.readouterr()
    assert replay(recording, "--voice", "commons") == 1
    head, voice, music = capsys.readouterr().out.splitlines()
    assert head == f"{recording}: 12 phrases; composing them again gives another file"
    assert voice.startswith(
        f"  voice {TINY}: the file here has SHA-256 {digest_of('commons')[:16]}…"
    )
    assert music.startswith("  phrase 1: recorded ")


@pytest.mark.parametrize("name", [str(TINY), "x/commons", "../voices/commons", "commons.onnx", ""])
def test_a_recording_opens_no_voice_but_the_shipped_ones(tmp_path, capsys, monkeypatch, name):
    """It may come from anywhere, and name a file that hangs or harms its reader."""
    header = Header("0.0.1", name, digest(TINY), seed=5)
    (path,) = recorded(tmp_path, listened(("listen", None)), header=header)
    opened = []
    monkeypatch.setattr(recompose, "find_voice", opened.append)
    monkeypatch.setattr(recompose, "digest", opened.append)
    monkeypatch.setattr(recompose, "VoiceProcess", opened.append)
    assert main(["replay", str(path)]) == 2
    out, err = capsys.readouterr()
    told = f"perpetuum: voice {name!r}: not a shipped voice (blues, chorale, commons, "
    assert (out, opened, err.startswith(told)) == ("", [], True)
    assert err.endswith("give the voice by --voice FILE\n")


def test_a_recording_of_a_shipped_voice_needs_no_word_of_it(tmp_path, capsys):
    header = Header("0.0.1", "commons", digest_of("commons"), seed=5)
    (path,) = recorded(tmp_path, listened(("listen", None)), header=header)
    assert main(["replay", str(path)]) == 1
    assert "recorded by version 0.0.1" in capsys.readouterr().out


def digest_of(name):
    from stream.voices.spec import find_voice

    return digest(find_voice(name))


def test_another_seed_is_told_by_the_first_note_that_differs(tmp_path, capsys):
    heard = listened(("listen", None))
    header = Header("0.0.1", str(TINY), digest(TINY), seed=6)
    (path,) = recorded(tmp_path, heard, header=header)
    assert replay(path) == 1
    _, version, music = capsys.readouterr().out.splitlines()
    assert version.startswith("  recorded by version 0.0.1, composed again by ")
    assert music.startswith("  phrase 1: recorded ")
    assert ", composed " in music


def test_a_flipped_note_is_told(recording, tmp_path, capsys):
    data = recording.read_bytes()
    at = data.index(b"\x90", data.index(b"\xff\x51")) + 1
    path = tmp_path / "flipped.mid"
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    assert replay(path) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == (
        f"  phrase 1: recorded note {data[at] ^ 1} (velocity {data[at + 1]}) at beat 1,"
        f" composed note {data[at]} (velocity {data[at + 1]}) at beat 1"
    )


def outcome(path, data, capsys):
    path.write_bytes(data)
    code = replay(path)
    told = capsys.readouterr()
    assert code in {1, 2}, told
    assert (code == 2) == (told.out == "")
    assert told.err.count("\n") == (code == 2)
    return code


def test_any_damage_is_told(tmp_path, capsys):
    """Each byte, one bit: never the same, never a traceback."""
    (path,) = recorded(tmp_path / "recordings", listened(("listen", None), ("cut", 0.3)))
    data = path.read_bytes()
    damaged = tmp_path / "damaged.mid"
    codes = [
        outcome(damaged, data[:i] + bytes([data[i] ^ 1 << i % 8]) + data[i + 1 :], capsys)
        for i in range(0, len(data), 3)
    ]
    assert set(codes) == {1, 2}
    for end in range(0, len(data), 97):
        assert outcome(damaged, data[:end], capsys) == 2
    assert outcome(damaged, data + b"\0", capsys) == 1


@pytest.mark.parametrize("content", [b"", b"MThd", b"hello" * 99])
def test_what_is_no_recording_is_refused(tmp_path, capsys, content):
    path = tmp_path / "other.mid"
    path.write_bytes(content)
    assert replay(path) == 2
    assert f"{path}: it is not a MIDI file of one track" in capsys.readouterr().err


def test_another_midi_file_is_refused(capsys):
    assert replay(TINY.with_name("tiny.mid")) == 2
    assert "give a recording made by perpetuum" in capsys.readouterr().err
    assert replay("nowhere.mid") == 2
    assert "nowhere.mid: it cannot be read (No such file or directory)" in capsys.readouterr().err


@pytest.mark.parametrize("told", [False, True])
def test_a_recording_that_a_power_cut_has_left(tmp_path, capsys, told):
    """The complete part is composed again; the incomplete one is reported."""
    (path,) = recorded(tmp_path / "recordings", listened(("listen", None), ("listen", None)))
    data = path.read_bytes()
    cut = data.rindex(b"\xff\x01\x00")
    track = cut + 3 - len(HEADER_BYTES)
    length = LENGTH.pack(len(data) - len(HEADER_BYTES) if told else track)
    left = (
        data[:LENGTH_AT] + length + data[len(HEADER_BYTES) : cut] + END_OF_TRACK + data[cut + 3 :]
    )
    damaged = tmp_path / "left.mid"
    damaged.write_bytes(left)
    assert replay(damaged) == 1
    head, told_of = capsys.readouterr().out.splitlines()
    assert head == f"{damaged}: 1 phrases; composing them again gives another file"
    behind = len(data) - cut - 3
    assert told_of == f"  {behind} bytes after its end: its last part is incomplete"


@settings(max_examples=5, deadline=None)
@given(st.sampled_from([CHORALE, PIANO]), st.lists(ANY_VOICE, min_size=1, max_size=8))
def test_several_parts_are_composed_again_byte_for_byte(voice, actions):
    """The listener may do anything, with each part on its channel or on a requested one."""
    profile = to_document(Profile(parts=(3, 3, 12, 4)))
    header = Header(program_version(), str(voice), digest(voice), seed=5, profile=profile)
    listener = Listener(header.seed, voice)
    for action in actions:
        listener.do(*action)
    with tempfile.TemporaryDirectory() as folder:
        for path in recorded(Path(folder), listener.heard, header=header):
            assert replay(path, voice=voice) == 0
            notes = [m for m in mido.MidiFile(path) if m.type == "note_on"]
            assert {m.channel for m in notes} <= {2, 11, 3}
            made = [played.phrase(header.synthesizer) for played in listener.heard]
            assert len(notes) == sum(
                len(performed_notes(phrase.notes, phrase.length)) for phrase in made
            )


@settings(max_examples=8, deadline=None)
@given(st.lists(DEEDS, min_size=1, max_size=14))
def test_tunes_of_outlines_are_composed_again_with_their_headings(actions):
    header = Header(program_version(), str(OUTLINED), digest(OUTLINED), seed=5)
    listener = Listener(header.seed, OUTLINED)
    for action in (*actions, ("next", None)):
        listener.do(*action)
    with tempfile.TemporaryDirectory() as folder:
        for path in recorded(Path(folder), listener.heard, minutes=0.3, header=header):
            assert replay(path, voice=OUTLINED) == 0
            markers = [m.text for m in mido.MidiFile(path) if m.type == "marker"]
            assert len(markers) == len([m for m in mido.MidiFile(path) if m.type[:3] == "key"])
            last = listener.heard[-1]
            title = last.phrase(None).title
            assert markers[-1] == f"{last.source.style}: {title} ({last.source.set_text})"


def test_a_copy_takes_the_place_of_nothing(recording, tmp_path, capsys):
    path = tmp_path / "precious.mid"
    path.write_bytes(b"precious")
    assert replay(recording, "--to", path) == 2
    assert f"--to {path}: already exists, and is not replaced" in capsys.readouterr().err
    assert path.read_bytes() == b"precious"


def midi(tracks=1, ticks=480):
    file = mido.MidiFile(ticks_per_beat=ticks)
    for _ in range(tracks):
        file.tracks.append(mido.MidiTrack([mido.Message("note_on", note=60)]))
    return file


@pytest.mark.parametrize("made", ["out", "render", "one track", "two tracks", "other ticks"])
def test_a_good_midi_file_that_is_no_recording_is_called_what_it_is(tmp_path, capsys, made):
    path = tmp_path / "other.mid"
    if made == "out":
        sink = MidiFileSink(path)
        sink.send(on(0.0, 60))
        sink.close()
    elif made == "render":
        path = TINY.with_name("tiny.mid")
    else:
        midi(2 if made == "two tracks" else 1, 96 if made == "other ticks" else 480).save(path)
    assert replay(path) == 2
    assert capsys.readouterr().err == (
        f"perpetuum: {path}: it is a MIDI file, but not a rolling recording: it does not tell how"
        " it was composed; use one from the folder of the recordings (--recordings), or a file made"
        " by Save; give a recording made by perpetuum\n"
    )


def test_a_midi_file_that_is_cut_off_is_not_called_a_good_one(tmp_path, capsys):
    path = tmp_path / "other.mid"
    data = TINY.with_name("tiny.mid").read_bytes()
    for end in range(0, len(data), 99):
        path.write_bytes(data[:end])
        assert replay(path) == 2
        assert "nor any other complete MIDI file" in capsys.readouterr().err


@pytest.mark.parametrize("voice", [TINY, PIANO], ids=lambda voice: voice.stem)
def test_an_old_recording_whose_first_phrase_has_two_bars_is_composed_again(voice):
    """Recorded when the first phrase was not whole, and a rest before it was left out."""
    assert replay(DATA / f"two_bars_{voice.stem}.mid", "--voice", voice) == 0
