import contextlib
import dataclasses
import errno

import mido
import pytest

from stream.__main__ import main
from stream.compose.composer import Composer
from stream.errors import SinkError
from stream.note import Controls, Note, Phrase, PhraseRequest
from stream.play import recorder, shelf
from stream.play.observer import Slot
from stream.play.phrase_queue import PhraseQueue
from stream.play.readback import read
from stream.play.recorder import Recorder, played, recordings_folder
from stream.play.recording import SILENCE, Header, Played
from stream.play.session import Session
from stream.play.supply import Supply
from stream.voice import digest
from tests.stream.compose.conftest import TINY

HEADER = Header("1", "x", "", seed=1)


def part(index, parent=None, length=192 * 15):
    """A minute of music; its parent is the phrase before it unless told."""
    parent = index - 1 if parent is None else parent
    notes = (Note(0, 48, 60 + index % 12),)
    source = Phrase(notes, length, 60.0, index, 0, "", "", 1, parent=parent)
    request = PhraseRequest(index, 0, 1, parent=parent)
    return Played(source, request, 0, length, Controls(bpm=60.0))


def minutes(*parents):
    """A part a minute."""
    return [part(index, parent) for index, parent in enumerate(parents)]


def record(folder, parts, hours=4.0):
    own = Recorder(folder, HEADER, hours)
    for each in parts:
        own.played(each)
    own.close()
    return own


def first_notes(path):
    return [m.note for m in mido.MidiFile(path) if m.type == "note_on"]


def test_the_folder_is_the_service_s_or_the_account_s(monkeypatch):
    monkeypatch.setenv("HOME", "/home/pi")
    folders = {
        "/var/lib/perpetuum/recordings": {
            "STATE_DIRECTORY": "/var/lib/perpetuum:/var/lib/x",
            "RUNTIME_DIRECTORY": "/run/perpetuum",
        },
        "/run/perpetuum/recordings": {"RUNTIME_DIRECTORY": "/run/perpetuum"},
        "/state/perpetuum/recordings": {"XDG_STATE_HOME": "/state"},
        "/home/pi/.local/state/perpetuum/recordings": {},
    }
    assert {str(recordings_folder(found)) for found in folders.values()} == set(folders)
    assert [str(recordings_folder(found)) for found in folders.values()] == list(folders)


def test_a_file_ends_where_the_next_needs_none_before_it(tmp_path):
    """After nine minutes, at the first phrase without a parent that is played from its head."""
    parts = minutes(-1, *[None] * 7, -1, *[None] * 3, -1, *[None] * 3, -1)
    parts[12:12] = [
        dataclasses.replace(parts[8], repeat=True),
        dataclasses.replace(parts[12], begin=48),
    ]
    record(tmp_path, parts)
    first, second = sorted(tmp_path.iterdir())
    assert [path.name for path in (first, second)] == ["000001.mid", "000002.mid"]
    assert len(first_notes(first)) == 13
    assert first_notes(second) == [60, 61, 62, 63, 64]
    lengths = [mido.MidiFile(path).length for path in (first, second)]
    assert lengths == pytest.approx([14 * 60 - 1, 5 * 60])


def test_the_oldest_are_deleted(tmp_path):
    (tmp_path / "mine.mid").touch()
    (tmp_path / "saved-000001-1.mid").touch()
    parts = [part(index, -1 if index % 9 == 0 else None) for index in range(9 * 9)]
    record(tmp_path, parts, hours=0.5)
    names = sorted(path.name for path in tmp_path.iterdir())
    kept = ["000008.mid", "000009.mid", "000010.mid"]
    assert names == [*kept, "mine.mid", "saved-000001-1.mid"]


def test_the_next_run_goes_on_counting(tmp_path):
    record(tmp_path, minutes(-1))
    record(tmp_path, minutes(-1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000001.mid", "000002.mid"]


def test_another_voice_begins_another_file(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    one, two = minutes(-1, -1)
    own.played(one)
    own.change(dataclasses.replace(HEADER, voice="y"))
    own.played(dataclasses.replace(one, repeat=True))
    own.played(two)
    own.close()
    voices = [read(path.read_bytes())[0][0].header.voice for path in sorted(tmp_path.iterdir())]
    assert voices == ["x", "y"]


def test_the_last_minutes_are_saved_with_what_they_follow_from(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    for each in minutes(-1, *[None] * 9, -1, *[None] * 4):
        own.played(each)
    path = own.save(7)
    own.close()
    assert path == tmp_path / "saved-000002-15.mid"
    sections, _ = read(path.read_bytes())
    sounding = [[r.part.music != SILENCE for r in section.records] for section in sections]
    assert sounding == [[False] * 8 + [True] * 2, [True] * 5]
    assert mido.MidiFile(path).length == pytest.approx(7 * 60)


def test_whole_parts_are_saved(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    for each in minutes(-1, None, None):
        own.played(each)
    path = own.save(1.1)
    own.close()
    assert mido.MidiFile(path).length == pytest.approx(120)


def test_an_hour_is_kept_to_be_saved(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    for index in range(200):
        own.played(part(index, -1 if index % 10 == 0 else None))
    path = own.save(1e9)
    own.close()
    assert 60 * 60 <= mido.MidiFile(path).length <= 80 * 60


def test_nothing_is_saved_before_anything_was_played(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    with pytest.raises(SinkError, match="save: nothing was played yet"):
        own.save(10)
    own.close()


def test_a_folder_that_can_not_be_is_told_once(tmp_path):
    (tmp_path / "file").touch()
    own = record(tmp_path / "file" / "recordings", minutes(-1, None, *[-1] * 30))
    (notice,) = own.notices
    assert notice == (
        f"recordings in {tmp_path}/file/recordings: Not a directory;"
        " music plays on, and is recorded once that is mended"
    )
    with pytest.raises(SinkError, match=r"save: recordings in .*: Not a directory; give a folder"):
        own.save(10)


def test_a_full_disk_costs_recordings_until_there_is_room(tmp_path, monkeypatch):
    full = [True]
    grow = shelf.GrowingTrack.grow

    def growing(track, parts):
        if full[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        grow(track, parts)

    monkeypatch.setattr(shelf.GrowingTrack, "grow", growing)
    monkeypatch.setattr("stream.play.sinks.safekeeping.REST_SECONDS", 0.0)
    own = Recorder(tmp_path, HEADER, 4)
    parts = iter(minutes(*[-1] * 60))
    for _ in range(25):
        own.played(next(parts))
    _wait(lambda: own._shelf.fault)
    own.played(next(parts))
    assert [notice.partition(";")[0] for notice in own.notices] == [
        f"recordings in {tmp_path}: No space left on device"
    ]
    full[0] = False
    for _ in range(12):
        own.played(next(parts))
    own.close()
    assert len(own.notices) == 1
    assert own._shelf.fault == ""
    files = list(tmp_path.iterdir())
    assert files
    assert all(read(path.read_bytes())[1] == path.stat().st_size for path in files)


def _wait(condition):
    from time import monotonic, sleep

    end = monotonic() + 30
    while not condition():
        assert monotonic() < end
        sleep(0.001)


def test_a_slot_without_a_source_is_nothing():
    phrase = part(0).source
    slot = Slot(phrase, 0.0, 1.0)
    assert played(slot) is None
    kept = dataclasses.replace(slot, source=phrase, controls=Controls(), begin=5, finish=5)
    assert played(kept) is None


class Link:
    """A composer without a process."""

    ready = idle = True

    def __init__(self):
        self._composer = Composer(TINY)
        self._answers = []

    def request(self, request):
        self._answers.append(self._composer.compose(request))

    def receive(self):
        with contextlib.suppress(IndexError):
            return [self._answers.pop()]
        return []


def test_what_a_queue_has_played_is_recorded_and_composed_again(tmp_path, monkeypatch):
    """With controls that move in the middle of phrases, note by note and byte by byte."""
    monkeypatch.setattr(recorder, "SECTION_SECONDS", 15.0)
    queue, link = PhraseQueue(), Link()
    controls = Controls(candidates=2)
    supply = Supply(link, queue, Session(3, controls, responsive=True))
    heard, sounded, now = [], [], 0.0
    wishes = {
        40: {"transpose": 5}, 90: {"density": 0.5}, 130: {"swing": 0.33, "bpm": 90.0},
        170: {"scale": "C major"}, 200: {"temperature": 0.8, "low": 60}, 230: {"bpm": 140.0},
    }  # fmt: skip
    while now < 100:
        if queue.seconds(now) < 8 or supply.eager:
            supply.ask(now)
            supply.hear(now)
        if (tick := round(now * 10)) in wishes:
            controls = dataclasses.replace(controls, **wishes.pop(tick))
            supply.change(controls, now)
        while queue.messages and queue.messages[0].time <= now:
            sounded.append(queue.messages.popleft().message)
        before = queue.current
        if queue.upcoming and queue.upcoming[0].start <= now:
            heard += [before] * (before is not None)
            queue.begun(now)
        now += 0.1
    assert not wishes
    parts = [played(slot) for slot in heard]
    assert len(parts) > 12
    assert any(each.begin for each in parts)
    notes = [(n.pitch, n.velocity) for each in parts for n in each.phrase(None).notes]
    strikes = [(m.note, m.velocity) for m in sounded if m.type == "note_on"]
    assert len(notes) > 100
    assert strikes[: len(notes)] == notes
    own = Recorder(tmp_path, Header("1", str(TINY), digest(TINY), 3), 4)
    for each in parts:
        own.played(each)
    own.save(0.5)
    own.close()
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == [
        "000001.mid",
        "000002.mid",
        f"saved-000002-{len(parts)}.mid",
    ]
    assert [main(["replay", str(path)]) for path in files] == [0, 0, 0]
