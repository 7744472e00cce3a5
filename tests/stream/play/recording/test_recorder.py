import contextlib
import dataclasses
import errno
import shutil
import threading

import mido
import pytest

from stream.__main__ import main
from stream.compose.composer import Composer
from stream.errors import RecordingError, SettingsError, SinkError
from stream.music.note import Controls, Note, Phrase, PhraseRequest
from stream.play.observer import Slot
from stream.play.queue.phrase_queue import PhraseQueue
from stream.play.queue.refill import Refill
from stream.play.recording import recorder, rotating_folder
from stream.play.recording.default_folder import recordings_folder
from stream.play.recording.format import SILENCE, Played
from stream.play.recording.header import Header
from stream.play.recording.rating import Rating
from stream.play.recording.reader import read
from stream.play.recording.recorder import Recorder, played_part
from stream.play.session import Session
from stream.voices.spec import digest
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
        own.record_part(each)
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


def test_without_a_home_the_remedy_is_named(monkeypatch):
    def nobody(uid):
        raise KeyError(uid)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    with pytest.raises(SettingsError) as raised:
        recordings_folder({})
    assert str(raised.value) == (
        "recordings: nothing is recorded, because there is no home folder; name a folder with"
        " --recordings FOLDER, or turn recording off with --record 0"
    )


def test_a_text_that_was_changed_is_shown(tmp_path):
    record(tmp_path, minutes(-1, 0))
    (path,) = tmp_path.glob("*.mid")
    data = path.read_bytes().replace(b'"perpetuum":"1"', b'"perpetuum":"2"')
    with pytest.raises(
        RecordingError, match=r"^b'{\"perpetuum\":.* does not belong to a recording"
    ):
        read(data)


def test_a_file_ends_where_the_next_needs_none_before_it(tmp_path):
    """A file ends after nine minutes, at the first phrase without a parent played from its head."""
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
    own.record_part(one)
    own.change(dataclasses.replace(HEADER, voice="y"))
    own.record_part(dataclasses.replace(one, repeat=True))
    own.record_part(two)
    own.close()
    voices = [read(path.read_bytes())[0][0].header.voice for path in sorted(tmp_path.iterdir())]
    assert voices == ["x", "y"]


def test_the_last_minutes_are_saved_with_what_they_follow_from(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    for each in minutes(-1, *[None] * 9, -1, *[None] * 4):
        own.record_part(each)
    path = own.save(7)
    own.close()
    assert path == tmp_path / "saved-000002-15.mid"
    sections, _ = read(path.read_bytes())
    sounding = [[r.part.music != SILENCE for r in section.parts] for section in sections]
    assert sounding == [[False] * 8 + [True] * 2, [True] * 5]
    assert mido.MidiFile(path).length == pytest.approx(7 * 60)


def test_whole_parts_are_saved(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    for each in minutes(-1, None, None):
        own.record_part(each)
    path = own.save(1.1)
    own.close()
    assert mido.MidiFile(path).length == pytest.approx(120)


def test_an_hour_is_kept_to_be_saved(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    for index in range(200):
        own.record_part(part(index, -1 if index % 10 == 0 else None))
    path = own.save(1e9)
    own.close()
    assert 60 * 60 <= mido.MidiFile(path).length <= 80 * 60


def test_nothing_is_saved_before_anything_was_played(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    with pytest.raises(SinkError, match="save: nothing was played yet"):
        own.save(10)
    own.close()


@pytest.mark.parametrize("below", ["", "recordings"])
def test_a_folder_that_can_not_be_is_told_once(tmp_path, below):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / below
    own = record(folder, minutes(-1, None, *[-1] * 30))
    (notice,) = own.notices
    assert notice == (
        f"recordings in {folder}: Not a directory;"
        " the music continues, and recording resumes once the folder is writable"
    )
    with pytest.raises(SinkError, match=r"save: recordings in .*: Not a directory; name a folder"):
        own.save(10)


def test_a_full_disk_costs_recordings_until_there_is_room(tmp_path, monkeypatch):
    full = [True]
    grow = rotating_folder.GrowingTrack.grow

    def growing(track, parts):
        if full[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        grow(track, parts)

    monkeypatch.setattr(rotating_folder.GrowingTrack, "grow", growing)
    monkeypatch.setattr("stream.play.recording.writer_thread.PAUSE_SECONDS", 0.0)
    own = Recorder(tmp_path, HEADER, 4)
    parts = iter(minutes(*[-1] * 60))
    for _ in range(25):
        own.record_part(next(parts))
    _wait(lambda: own._folder_files.fault)
    own.record_part(next(parts))
    assert [notice.partition(";")[0] for notice in own.notices] == [
        f"recordings in {tmp_path}: No space left on device"
    ]
    full[0] = False
    for _ in range(12):
        own.record_part(next(parts))
    own.close()
    assert len(own.notices) == 1
    assert own._folder_files.fault == ""
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
    assert played_part(slot) is None
    kept = dataclasses.replace(slot, source=phrase, controls=Controls(), begin=5, finish=5)
    assert played_part(kept) is None


def tune(number, parent, index, style):
    """A minute of a tune."""
    one = part(index, parent)
    source = dataclasses.replace(one.source, tune=number, style=style)
    return dataclasses.replace(one, source=source)


def seeds(folder):
    """Seed by name of each recording; every one of them is whole."""
    found = {}
    for path in sorted(folder.glob("*.mid")):
        sections, end = read(path.read_bytes())
        assert end == path.stat().st_size
        found[path.name] = [section.header.seed for section in sections]
    return found


def test_players_that_share_a_folder_keep_out_of_each_other_s_files(tmp_path):
    players = [Recorder(tmp_path, dataclasses.replace(HEADER, seed=n), 4) for n in (1, 2, 3)]
    for parts in zip(*[minutes(-1, *[None] * 8, -1)] * 3, strict=True):
        for player, each in zip(players, parts, strict=True):
            player.record_part(each)
    saved = [player.save(10) for player in players]
    for player in players:
        player.close()
    assert seeds(tmp_path) == {
        "000001.mid": [1],
        "000002.mid": [1],
        "000001-2.mid": [2],
        "000002-2.mid": [2],
        "000001-3.mid": [3],
        "000002-3.mid": [3],
        **{path.name: [n, n] for n, path in enumerate(saved, 1)},
    }
    assert len(set(saved)) == 3
    assert [list(player.notices) for player in players] == [
        [],
        *(
            [
                (
                    f"recordings in {tmp_path}: another player records there too; the files of this"
                    f" player are named 000001-{place}.mid and so on"
                )
            ]
            for place in (2, 3)
        ),
    ]


def test_each_of_two_players_deletes_only_its_own(tmp_path):
    one, other = (Recorder(tmp_path, HEADER, 0.3) for _ in range(2))
    one.record_part(part(0, -1))
    for index in range(9 * 5):
        other.record_part(part(index, -1 if index % 9 == 0 else None))
    one.close()
    other.close()
    assert list(seeds(tmp_path)) == ["000001.mid", "000004-2.mid", "000005-2.mid"]


def test_a_name_that_somebody_else_has_taken_is_left_to_them(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    (tmp_path / "000001.mid").write_bytes(b"precious")
    (tmp_path / "saved-000001-2.mid").write_bytes(b"precious")
    own.record_part(part(0, -1))
    own.record_part(part(1))
    saved = own.save(10)
    own.close()
    assert (tmp_path / "000001.mid").read_bytes() == b"precious"
    assert (tmp_path / "saved-000001-2.mid").read_bytes() == b"precious"
    assert first_notes(tmp_path / "000002.mid") == [60, 61]
    assert first_notes(tmp_path / "saved-000001-2-2.mid") == [60, 61]
    assert saved == tmp_path / "saved-000001-2-2.mid"
    assert not own.notices


def test_every_file_that_is_saved_or_rated_has_a_name_of_its_own(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    own._rater.put = lambda path, rating: rated.append((path, rating))
    rated = []
    for each in minutes(-1, None, None):
        own.record_part(each)
    one, three = own.save(1), own.save(3)
    stars = own.rate(0, 5)
    again = own.save(3)
    own.close()
    assert (one.name, three.name) == ("saved-000001-3.mid", "saved-000001-3-2.mid")
    assert (stars.name, again) == ("rated-000001-3.mid", three)
    assert first_notes(one) == [62]
    assert first_notes(three) == first_notes(stars) == [60, 61, 62]
    assert rated == [(stars, Rating(5, ""))]


def test_what_has_been_heard_of_the_phrase_that_sounds_is_saved(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    first, second = minutes(-1, None)
    half = dataclasses.replace(first, finish=first.finish // 2)
    alone = own.save(10, half)
    own.record_part(first)
    both = own.save(10, dataclasses.replace(second, finish=second.finish // 2))
    own.record_part(second)
    own.close()
    lengths = [mido.MidiFile(path).length for path in (alone, both, tmp_path / "000001.mid")]
    assert lengths == pytest.approx([30, 90, 120])
    assert [path.name for path in (alone, both)] == ["saved-000000-0.mid", "saved-000001-1.mid"]


def test_stars_are_for_the_tune_that_is_named_and_for_its_style(tmp_path):
    own = Recorder(tmp_path, HEADER, 4)
    rated = []
    own._rater.put = lambda path, rating: rated.append((path, rating))
    own.record_part(tune(0, -1, 0, "bach"))
    own.record_part(tune(0, 0, 1, "bach"))
    begun = dataclasses.replace(tune(1, 1, 2, "jazz"), finish=96 * 30)
    own.rate(0, 2, begun)
    own.rate(1, 5, begun)
    with pytest.raises(SinkError, match="stars: tune 3 was not played in the last hour"):
        own.rate(2, 5, begun)
    own.close()
    assert [rating for _, rating in rated] == [Rating(2, "bach"), Rating(5, "jazz")]
    assert [first_notes(path) for path, _ in rated] == [[60, 61], [62]]


def test_stars_after_a_change_of_style_are_for_what_is_played_in_it(tmp_path):
    """What came before belongs to the same tune, and would be rated under a style it has not."""
    own = Recorder(tmp_path, HEADER, 4)
    rated = []
    own._rater.put = lambda path, rating: rated.append((path, rating))
    own.record_part(tune(0, -1, 0, "bach"))
    own.record_part(tune(0, 0, 1, "bach"))
    begun = dataclasses.replace(tune(0, 1, 2, "jazz"), finish=96 * 30)
    own.rate(0, 5, begun)
    own.record_part(tune(0, 1, 2, "jazz:0.6,bach:0.4"))
    own.rate(0, 4, tune(0, 2, 3, "jazz"))
    own.close()
    assert [rating for _, rating in rated] == [Rating(5, "jazz"), Rating(4, "jazz")]
    assert [first_notes(path) for path, _ in rated] == [[62], [62, 63]]


def test_a_file_of_an_earlier_run_is_not_offered_as_the_new_one(tmp_path):
    """Both were saved before the first phrase of their run had ended."""
    paths = []
    for pitch in (60, 70):
        own = Recorder(tmp_path, HEADER, 4)
        first = part(0, -1)
        first = dataclasses.replace(
            first, source=dataclasses.replace(first.source, notes=(Note(0, 48, pitch),))
        )
        paths += [own.save(10, first), own.rate(0, 5, first)]
        own._rater.put = lambda *_: None
        own.close()
    assert len(set(paths)) == 4
    assert [first_notes(path) for path in paths] == [[60], [60], [70], [70]]


@pytest.mark.parametrize("rest", [0.0, 60.0])
def test_a_flood_of_wishes_makes_few_files(tmp_path, monkeypatch, rest):
    """Stars make one file in each phrase; lengths make four, on a disk of any speed."""
    monkeypatch.setattr("stream.play.recording.writer_thread.PAUSE_SECONDS", rest)
    own = Recorder(tmp_path, HEADER, 4)
    rated = []
    own._rater.put = lambda path, rating: rated.append((path, rating))
    own.record_part(part(0, -1))
    paths = {own.rate(0, 1 + star % 5) for star in range(3000)}
    saved, refused = set(), set()
    for number in range(3000):
        try:
            saved.add(own.save(1 + number))
        except SinkError as error:
            refused.add(str(error))
    own.close()
    assert len(paths) == 1
    assert {path for path, _ in rated} == paths
    assert 1 <= len(saved) <= recorder.MOST_SAVES
    assert refused == {"save: 4 files were saved in this phrase; try the next"}
    assert set(tmp_path.glob("*-*.mid")) == paths | saved


def test_what_could_not_be_saved_is_not_promised_again(tmp_path, monkeypatch):
    monkeypatch.setattr("stream.play.recording.writer_thread.PAUSE_SECONDS", 0.0)
    own = Recorder(tmp_path, HEADER, 4)
    rated = []
    own._rater.put = lambda path, rating: rated.append(path)
    own.record_part(part(0, -1))
    with monkeypatch.context() as patch:
        patch.setattr(rotating_folder, "FREE_BYTES", 2**80)
        patch.setattr(rotating_folder, "FREE_SHARE", 1)
        own.rate(0, 3)
        _wait(lambda: own.notices)
    _wait(lambda: not own._saved)
    path = own.rate(0, 3)
    own.close()
    assert rated == [path]
    assert first_notes(path) == [60]


def test_what_is_saved_leaves_room_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(rotating_folder, "FREE_BYTES", 2**80)
    monkeypatch.setattr(rotating_folder, "FREE_SHARE", 1)
    own = Recorder(tmp_path, HEADER, 4)
    own.record_part(part(0, -1))
    path = own.save(1)
    own.close()
    assert list(own.notices) == [f"{path}: cannot be saved (No space left on device)"]
    assert [each.name for each in tmp_path.iterdir()] == ["000001.mid"]


def test_a_long_file_is_put_together_by_the_thread_that_writes(tmp_path, monkeypatch):
    threads = []
    whole = recorder.file_bytes

    def noted(parts):
        threads.append(threading.current_thread().name)
        return whole(parts)

    monkeypatch.setattr(recorder, "file_bytes", noted)
    own = Recorder(tmp_path, HEADER, 4)
    for each in minutes(-1, None):
        own.record_part(each)
    own.save(60)
    own.close()
    assert threads == ["writer"]


def test_a_folder_that_is_removed_is_told_at_once_and_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr("stream.play.recording.writer_thread.PAUSE_SECONDS", 0.0)
    folder = tmp_path / "recordings"
    own = Recorder(folder, HEADER, 4)
    one, two, three = minutes(-1, None, None)
    own.record_part(one)
    _wait(lambda: own._folder_files._track and own._folder_files._track._end)
    shutil.rmtree(folder)
    own.record_part(two)
    _wait(lambda: own.notices)
    assert list(own.notices) == [
        (
            f"recordings in {folder}: the file was removed during recording; it is written again to"
            " 000001.mid"
        )
    ]
    own.record_part(three)
    own.close()
    assert first_notes(folder / "000001.mid") == [60, 61, 62]
    other = Recorder(folder, HEADER, 4)  # the folder that is there now is free again
    other.close()
    assert not other.notices


def test_a_disk_that_hangs_does_not_outlive_the_music(tmp_path, monkeypatch):
    monkeypatch.setattr("stream.play.recording.writer_thread.CLOSE_SECONDS", 0.01)
    mended = threading.Event()
    monkeypatch.setattr(rotating_folder.GrowingTrack, "grow", lambda *_: mended.wait())
    own = Recorder(tmp_path, HEADER, 4)
    own.record_part(part(0, -1))
    own.close()
    assert list(own.notices) == [f"recordings in {tmp_path}: the disk does not answer for 0.01 s"]
    mended.set()


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
    """They are equal note by note and byte by byte, though controls move within phrases."""
    monkeypatch.setattr(recorder, "SECTION_SECONDS", 15.0)
    queue, link = PhraseQueue(), Link()
    controls = Controls(candidates=2)
    refill = Refill(link, queue, Session(3, controls, responsive=True))
    heard, sounded, now = [], [], 0.0
    changes = {
        40: {"transpose": 5}, 90: {"density": 0.5}, 130: {"swing": 0.33, "bpm": 90.0},
        170: {"scale": "C major"}, 200: {"temperature": 0.8, "low": 60}, 230: {"bpm": 140.0},
    }  # fmt: skip
    while now < 100:
        if queue.seconds(now) < 8 or refill.urgent:
            refill.request(now)
            refill.receive(now)
        if (tick := round(now * 10)) in changes:
            controls = dataclasses.replace(controls, **changes.pop(tick))
            refill.set_controls(controls, now)
        while queue.messages and queue.messages[0].time <= now:
            sounded.append(queue.messages.popleft().message)
        before = queue.current
        if queue.upcoming and queue.upcoming[0].start <= now:
            heard += [before] * (before is not None)
            queue.begun(now)
        now += 0.1
    assert not changes
    parts = [played_part(slot) for slot in heard]
    assert len(parts) > 12
    assert any(each.begin for each in parts)
    notes = [(n.pitch, n.velocity) for each in parts for n in each.phrase(None).notes]
    strikes = [(m.note, m.velocity) for m in sounded if m.type == "note_on"]
    assert len(notes) > 100
    assert strikes[: len(notes)] == notes
    own = Recorder(tmp_path, Header("1", str(TINY), digest(TINY), 3), 4)
    for each in parts:
        own.record_part(each)
    own.save(0.5)
    own.close()
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == [
        "000001.mid",
        "000002.mid",
        f"saved-000002-{len(parts)}.mid",
    ]
    replayed = [main(["replay", str(path), "--voice", str(TINY)]) for path in files]
    assert replayed == [0, 0, 0]


@pytest.mark.parametrize("room", [True, False])
def test_stars_that_come_again_before_the_file_is_there_go_to_no_other(tmp_path, monkeypatch, room):
    """Somebody else has taken the name meanwhile; then there may be no room beside it."""
    own = Recorder(tmp_path, HEADER, 4)
    rated, asked = [], threading.Event()
    write = own._folder_files.write
    own._rater.put = lambda path, rating: rated.append((path, rating.stars))
    own._folder_files.write = lambda *what: write(*what) if asked.wait(10) and room else None
    own.record_part(part(0, -1))
    path = own.rate(0, 3)
    path.write_bytes(b"of somebody else")
    own.rate(0, 5)
    asked.set()
    own.close()
    beside = path.with_stem(f"{path.stem}-2")
    assert rated == ([(beside, 3), (beside, 5)] if room else [])
    assert path.read_bytes() == b"of somebody else"
