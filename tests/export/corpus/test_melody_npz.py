from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from export.corpus import melody_npz
from export.corpus.melody_npz import bar_ticks, mode_of, read_npz
from stream.compose.tunes.tune import Tune
from stream.errors import CorpusError
from stream.music.note import Note
from tests.export.corpus.damage import assert_named_in_one_line, damaged

TWO_TUNES = {
    "pitch": np.array([60, 62, 64, 65], np.uint8),
    "onset": np.array([0, 24, 12, 60], np.int32),
    "duration": np.array([24, 24, 48, 0], np.int32),
    "tune_start": np.array([0, 2, 4], np.int32),
}
FACTS = {
    "title": np.array(["One", "Two"]),
    "meter": np.array(["6/8", ""]),
    "key": np.array(["D dorian", "none"]),
    "pickup": np.array([24, 0], np.int32),
    "variant_group": np.array([7, 9], np.int32),
}


def npz_bytes(save=np.savez, **arrays):
    buffer = io.BytesIO()
    save(buffer, **arrays)
    return buffer.getvalue()


@pytest.fixture
def read(tmp_path):
    def read_bytes(content):
        path = tmp_path / "tunes.npz"
        path.write_bytes(content)
        return list(read_npz(path, "folk"))

    return read_bytes


def test_tunes_with_all_that_is_known_of_them(read):
    assert read(npz_bytes(**TWO_TUNES, **FACTS)) == [
        Tune(
            (Note(0, 24, 60), Note(24, 24, 62)), "One", "folk", 7, 144, 24, "minor", tonic=2,
            meter="6/8",
        ),
        Tune((Note(12, 48, 64), Note(60, 1, 65)), "Two", "folk", 9),
    ]  # fmt: skip


def test_tunes_without_optional_facts(read):
    tunes = read(npz_bytes(**TWO_TUNES))
    assert [(t.title, t.group, t.bar, t.downbeat, t.mode) for t in tunes] == [
        ("tune 0", 0, 0, 0, ""),
        ("tune 1", 1, 0, 0, ""),
    ]


def test_ticks_are_converted(read):
    tunes = read(npz_bytes(**TWO_TUNES, **FACTS, ticks_per_quarter=np.array(24)))
    assert tunes[0].notes == (Note(0, 48, 60), Note(48, 48, 62))
    assert tunes[0].downbeat == 48


def test_tunes_without_notes_are_left_out(read):
    arrays = TWO_TUNES | {"tune_start": np.array([0, 0, 4, 4])}
    assert [t.title for t in read(npz_bytes(**arrays))] == ["tune 1"]


def test_performances_are_cut_every_sixteen_bars_on_the_bar_line(read):
    onset = np.arange(0, 40 * 96, 96)  # two notes a bar, from the third beat of bar 0
    arrays = {
        "pitch": np.full(40, 60, np.uint8),
        "onset": onset + 10,
        "duration": np.full(40, 90),
        "tune_start": np.array([0, 40]),
        "meter": np.array(["4/4"]),
        "beats_per_bar": np.array([4]),
        "bar": (onset + 96) // 192,
        "beat": np.tile([3, 1], 20),
    }
    tunes = read(npz_bytes(**arrays))
    assert [(t.title, len(t.notes), t.notes[0].onset, t.bar, t.group) for t in tunes] == [
        ("tune 0, bar 0", 31, 106, 192, 0),
        ("tune 0, bar 16", 9, 10, 192, 0),
    ]
    assert read(npz_bytes(**(arrays | {"meter": np.array([""])}))) == []


def test_top_parts_keep_the_prescribed_split(read):
    satb = np.array([[60, 50], [60, 50], [-1, 50], [62, 50], [64, 50], [64, 50]], np.int8)
    arrays = {f"{split}_satb": satb for split in ("train", "valid", "test")}
    arrays |= {f"{split}_lengths": np.array([4, 2]) for split in ("train", "valid", "test")}
    tunes = read(npz_bytes(**arrays))
    assert [(t.title, t.split, t.bar, t.notes) for t in tunes[:2]] == [
        ("train 0", "train", 192, (Note(0, 24, 60), Note(36, 12, 62))),
        ("train 1", "train", 192, (Note(0, 24, 64),)),
    ]
    assert [t.split for t in tunes] == ["train", "train", "valid", "valid", "test", "test"]
    assert len({t.group for t in tunes}) == 6


BARE = io.BytesIO()
np.save(BARE, np.arange(3))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a readable .npz archive"),
        (b"MThd no archive", "not a readable .npz archive"),
        (BARE.getvalue(), "not a readable .npz archive"),
        (npz_bytes(**TWO_TUNES)[:-200], "not a readable .npz archive"),
        (npz_bytes(pitch=np.array([None])), "not a readable .npz archive"),
        (npz_bytes(pitch=np.arange(3)), "has neither pitch, onset, duration, tune_start"),
        (npz_bytes(**(TWO_TUNES | {"pitch": np.ones(4)})), "in whole numbers"),
        (npz_bytes(**(TWO_TUNES | {"pitch": np.arange(3)})), "do not fit together"),
        (npz_bytes(**TWO_TUNES, title=np.array(["One"])), "do not fit together"),
        (npz_bytes(**TWO_TUNES, ticks_per_quarter=np.array(0)), "do not fit together"),
        (npz_bytes(**TWO_TUNES, ticks_per_quarter=np.array(np.inf)), "do not fit together"),
        (npz_bytes(**(TWO_TUNES | {"onset": 10**7 * np.arange(4)})), "beyond 10000 bars"),
        (npz_bytes(train_satb=np.zeros((4, 4), np.int8)), "do not fit together"),
    ],
)
def test_a_damaged_archive_is_named_in_one_line(read, tmp_path, content, reason):
    assert_named_in_one_line(read, content, tmp_path / "tunes.npz", reason)


def test_an_archive_that_unpacks_to_too_much_is_refused(read, monkeypatch):
    monkeypatch.setattr(melody_npz, "MOST_BYTES", 2**20)
    with pytest.raises(CorpusError, match="it unpacks to over 1048576 bytes"):
        read(npz_bytes(np.savez_compressed, **TWO_TUNES, more=np.zeros(2**20, np.int8)))


def test_a_missing_archive_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"none\.npz: not a readable \.npz archive"):
        list(read_npz(tmp_path / "none.npz", "folk"))


GOOD = npz_bytes(np.savez_compressed, **TWO_TUNES, **FACTS)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damaged(GOOD, 4))
def test_damaged_bytes_raise_one_kind_of_error(read, contents):
    for content in contents:
        with contextlib.suppress(CorpusError):
            read(content)


@pytest.mark.parametrize(
    ("meter", "ticks"),
    [("4/4", 192), ("6/8", 144), (" 3/4 ", 144), ("", 0), ("free", 0), ("4/0", 0), ("2/2", 192)],
)
def test_bars(meter, ticks):
    assert bar_ticks(meter) == ticks


@pytest.mark.parametrize(
    ("key", "mode"),
    [
        ("G major", "major"),
        ("C-min", "minor"),
        ("E dorian", "minor"),
        ("D mixolydian", "major"),
        ("", ""),
        ("none", ""),
    ],
)
def test_modes(key, mode):
    assert mode_of(key) == mode
