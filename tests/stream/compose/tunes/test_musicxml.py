"""MusicXML scores: what the program writes is read back; damaged scores are told."""

import contextlib
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.tunes.musicxml import read_musicxml
from stream.errors import CorpusError

NOTE = (
    "<note>{extra}<pitch><step>{step}</step>{alter}<octave>{octave}</octave></pitch>"
    "<duration>{duration}</duration>{tie}<voice>1</voice></note>"
)
HEAD = (
    "<attributes><divisions>2</divisions><key><fifths>2</fifths><mode>major</mode></key>"
    "<time><beats>2</beats><beat-type>4</beat-type></time></attributes>"
    '<sound tempo="96"/>'
)


def note(step, octave=4, duration=2, alter="", tie="", extra=""):
    return NOTE.format(
        step=step, octave=octave, duration=duration, extra=extra,
        alter=alter and f"<alter>{alter}</alter>", tie=tie and f'<tie type="{tie}"/>',
    )  # fmt: skip


def score(*measures):
    bars = "".join(f"<measure>{bar}</measure>" for bar in measures)
    work = "<work><work-title>A Tune</work-title></work>"
    return f"<score-partwise>{work}<part id='P1'>{bars}</part></score-partwise>".encode()


def read(path, content):
    path.write_bytes(content)
    return read_musicxml(path, "x")


BARS = (
    HEAD + note("D") + note("F", alter="1"),
    note("A") + note("D", 5, tie="start"),
    note("D", 5, 4, tie="stop"),
)


def test_facts_and_notes_are_read(tmp_path):
    tune, tempo = read(tmp_path / "a.musicxml", score(*BARS))
    assert (tune.title, tune.meter, tune.bar, tune.mode, tune.tonic) == (
        "A Tune", "2/4", 96, "major", 2,
    )  # fmt: skip
    assert tempo == 96
    assert [(n.onset, n.duration, n.pitch) for n in tune.notes] == [
        (0, 48, 62), (48, 48, 66), (96, 48, 69), (144, 144, 74),
    ]  # fmt: skip


def test_repeats_and_endings_are_played_out(tmp_path):
    ends = [
        HEAD + '<barline><repeat direction="forward"/></barline>' + note("C", duration=4),
        '<barline><ending number="1" type="start"/></barline>'
        + note("D", duration=4)
        + '<barline><ending number="1" type="stop"/><repeat direction="backward"/></barline>',
        '<barline><ending number="2" type="start"/></barline>'
        + note("E", duration=4)
        + '<barline><ending number="2" type="stop"/></barline>',
        note("G", duration=4),
    ]
    tune, _ = read(tmp_path / "a.xml", score(*ends))
    assert [n.pitch for n in tune.notes] == [60, 62, 60, 64, 67]


def test_of_a_chord_the_highest_note_counts_and_other_voices_do_not(tmp_path):
    second = note("C", 6).replace("<voice>1", "<voice>2")
    bar = HEAD + note("C") + note("E", extra="<chord/>") + note("G", extra="<grace/>") + second
    tune, _ = read(tmp_path / "a.xml", score(bar))
    assert [n.pitch for n in tune.notes] == [64]


def test_a_packed_score_is_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.mxl", "w") as archive:
        archive.writestr("META-INF/container.xml", "<container/>")
        archive.writestr("score.xml", score(*BARS))
    assert read_musicxml(tmp_path / "a.mxl", "x")[0].title == "A Tune"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a readable MusicXML score"),
        (b"PK\x03\x04", "damaged packed score"),
        (b"<score-timewise/>", "not a partwise"),
        (score(HEAD), "contains no note"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><score-partwise/>', "entities"),
        (score(HEAD + note("H")), "damaged MusicXML"),
        (score(HEAD + note("C", 40)), "damaged MusicXML"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path, content, reason):
    with pytest.raises(CorpusError, match=reason):
        read(tmp_path / "a.xml", content)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_any_damage_is_read_or_told(tmp_path_factory, at, noise):
    content = score(*BARS)
    path = tmp_path_factory.mktemp("x") / "a.xml"
    damaged = content[:at] + noise + content[at + len(noise) :]
    with contextlib.suppress(CorpusError):
        assert read(path, damaged)[0].notes
