import errno
import itertools
import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.play.sinks import growing
from stream.play.sinks.growing import GrowingTrack
from tests.stream.play.sinks.power import Calls, states
from tests.stream.play.sinks.strict import forgiving, strict

OLD = b"precious"


def part(notes, rest):
    """Events of one flush; `rest` ticks (0-127) follow the last."""
    return b"".join(bytes([n % 100, 0x90, n % 128, 64]) for n in range(notes)) + bytes([rest])


def readings(parts):
    """What a reader may find: by number of parts, the events and the tick of the end."""
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
    for kept, image in states(calls.log, old, random.Random(seed)):
        if image == old:
            assert kept == 0
            continue
        if image not in checked:
            checked[image] = (strict(image), forgiving(image))
        for reading in checked[image]:
            assert reading in whole[max(kept - 1, 0) :]
    assert strict(path.read_bytes()) == forgiving(path.read_bytes()) == whole[-1]


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("call", range(11))
def test_a_disk_that_fails_keeps_what_it_had(tmp_path, call, error):
    path = tmp_path / "a.mid"
    path.write_bytes(OLD)
    parts = [part(9, 5), part(200, 0), part(3, 7)]
    track, kept = GrowingTrack(path), 0
    with pytest.MonkeyPatch.context() as patch:
        calls = Calls(patch, fail_at=call, error=OSError(error, os.strerror(error)))
        try:
            for each in parts:
                track.grow([each])
                kept += 1
        except OSError:
            assert len(calls.log) == call
        else:
            assert call in {3, 10}  # a folder that can not be synced is no loss; no call is left
    track.close()
    image = path.read_bytes()
    if image == OLD:
        assert kept == 0
    else:
        for reading in (strict(image), forgiving(image)):
            assert reading in readings(parts)[max(kept - 1, 0) :]
    assert [each.name for each in tmp_path.iterdir()] == ["a.mid"]


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
    monkeypatch.setattr(growing, "MAX_LENGTH", 60)
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
