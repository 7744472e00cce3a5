import errno
import itertools
import os
import pathlib
import random
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.play.recording import growing_midi_file
from stream.play.recording.growing_midi_file import GrowingTrack
from tests.stream.play.sinks.power import Calls, states
from tests.stream.play.sinks.strict import forgiving, strict

OLD = b"precious"


def part(notes, rest):
    """Events of one flush; `rest` ticks (0-127) follow the last."""
    return b"".join(bytes([n % 100, 0x90, n % 128, 64]) for n in range(notes)) + bytes([rest])


def readings(parts):
    """Return what a reader may find: by number of parts, the events and the end tick."""
    events, tick, found = [], 0, []
    for each in parts:
        for at in range(0, len(each) - 1, 4):
            tick += each[at]
            events.append((tick, each[at + 1 : at + 4]))
        tick += each[-1]
        found.append((list(events), tick))
    return found


PARTS = st.lists(st.builds(part, st.integers(0, 300), st.integers(0, 127)), min_size=1, max_size=6)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    parts=PARTS,
    cuts=st.sets(st.integers(1, 5)),
    old=st.sampled_from([None, OLD]),
    short=st.sampled_from([None, 1, 100, 512]),
    seed=st.integers(0, 2**32),
)
def test_the_power_may_fail_at_any_moment(tmp_path_factory, *, parts, cuts, old, short, seed):
    path = tmp_path_factory.mktemp("disk") / "a.mid"
    if old:
        path.write_bytes(old)
    if short == 1:
        parts = [each[-5:] for each in parts]
    with pytest.MonkeyPatch.context() as patch:
        calls = Calls(patch, short=short)
        track = GrowingTrack(path)
        bounds = [0, *sorted(cuts & set(range(len(parts)))), len(parts)]
        for first, last in itertools.pairwise(bounds):
            track.grow(parts[first:last])
            calls.log.append(("kept", last))
        track.close()
    whole = readings(parts)
    checked = {}
    for kept, image in states(calls.log, None, random.Random(seed)):
        if image is None:
            assert kept == 0
            continue
        if image not in checked:
            checked[image] = (strict(image), forgiving(image))
        for reading in checked[image]:
            assert reading in whole[max(kept - 1, 0) :]
    made = path.with_name("a-2.mid") if old else path
    assert track.path == made
    assert strict(made.read_bytes()) == forgiving(made.read_bytes()) == whole[-1]
    assert not old or path.read_bytes() == old


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("call", range(11))
def test_a_disk_that_fails_keeps_what_it_had_and_goes_on_when_it_is_mended(tmp_path, call, error):
    path = tmp_path / "a.mid"
    parts = [part(9, 5), part(200, 0), part(3, 7)]
    track, kept, waiting = GrowingTrack(path), 0, []
    with pytest.MonkeyPatch.context() as patch:
        calls = Calls(patch, fail_at=call, error=OSError(error, os.strerror(error)))
        try:
            for each in parts:
                waiting.append(each)
                track.grow(waiting)
                waiting.clear()
                kept += 1
        except OSError:
            assert len(calls.log) == call
        else:
            assert call in {3, 10}  # a folder that cannot be synced is no loss; no call is left
    if path.exists():
        image = path.read_bytes()
        for reading in (strict(image), forgiving(image)):
            assert reading in readings(parts)[max(kept - 1, 0) :]
    else:
        assert kept == 0
    track.grow([*waiting, *parts[kept + 1 :], part(1, 1)])
    track.close()
    assert strict(path.read_bytes()) == readings([*parts, part(1, 1)])[-1]
    assert [each.name for each in tmp_path.iterdir()] == ["a.mid"]


def test_what_is_there_is_never_replaced(tmp_path):
    """Neither what was there before, nor what somebody else puts there meanwhile."""
    path = tmp_path / "a.mid"
    tracks = [GrowingTrack(path) for _ in range(3)]
    path.with_name("a-2.mid").symlink_to("nowhere")
    for number, track in enumerate(tracks):
        track.grow([part(number, 0)])
        track.grow([part(1, 0)])
        track.close()
    names = ["a.mid", "a-3.mid", "a-4.mid"]
    assert [track.path.name for track in tracks] == names
    for number, name in enumerate(names):
        image = (tmp_path / name).read_bytes()
        assert strict(image) == readings([part(number, 0), part(1, 0)])[-1]


@pytest.mark.parametrize("away", [pathlib.Path.unlink, lambda path: path.rename(f"{path}.old")])
def test_a_file_that_goes_away_while_it_grows_is_written_again(tmp_path, away):
    path = tmp_path / "a.mid"
    track = GrowingTrack(path)
    track.grow([part(3, 0)])
    away(path)
    track.grow([part(2, 0)])
    track.close()
    assert (track.path, track.restored) == (path, 1)
    assert strict(path.read_bytes()) == readings([part(3, 0), part(2, 0)])[-1]


def test_a_folder_that_goes_away_is_an_error_until_it_is_there_again(tmp_path):
    path = tmp_path / "folder" / "a.mid"
    path.parent.mkdir()
    track = GrowingTrack(path)
    track.grow([part(3, 0)])
    shutil.rmtree(path.parent)
    with pytest.raises(FileNotFoundError):
        track.grow([part(2, 0)])
    path.parent.mkdir()
    track.grow([part(2, 0), part(1, 0)])
    track.close()
    assert strict(path.read_bytes()) == readings([part(3, 0), part(2, 0), part(1, 0)])[-1]


def test_the_bytes_do_not_depend_on_how_parts_are_gathered(tmp_path):
    parts = [part(notes, notes) for notes in (3, 1, 0, 80, 2)]
    images = set()
    for number, bounds in enumerate([(0, 5), (0, 1, 2, 3, 4, 5), (0, 2, 5)]):
        track = GrowingTrack(tmp_path / f"{number}.mid")
        for first, last in itertools.pairwise(bounds):
            track.grow(parts[first:last])
        track.close()
        images.add((tmp_path / f"{number}.mid").read_bytes())
    assert len(images) == 1


def test_a_track_longer_than_its_header_can_tell(tmp_path, monkeypatch):
    path = tmp_path / "a.mid"
    monkeypatch.setattr(growing_midi_file, "MAX_LENGTH", 60)
    track = GrowingTrack(path)
    track.grow([part(5, 0)])
    with pytest.raises(OSError, match="File too large"):
        track.grow([part(20, 0)])
    track.close()
    assert strict(path.read_bytes()) == readings([part(5, 0)])[0]


def test_nothing_is_no_file(tmp_path):
    track = GrowingTrack(tmp_path / "a.mid")
    track.grow([])
    track.close()
    track.close()
    assert list(tmp_path.iterdir()) == []
