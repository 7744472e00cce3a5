import threading
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.play.audio.pcm_queue import PcmQueue, interleaved

RATE = 1000
FADE = 5


def sound(*values):
    return array("h", values).tobytes()


def numbers(data):
    return array("h", data).tolist()


def test_nothing_is_heard_before_enough_is_ready():
    queue = PcmQueue(RATE, prefill=0.010)
    queue.put(sound(*[60] * 9))
    assert numbers(queue.pull(4)) == [0] * 4
    queue.put(sound(60))
    assert numbers(queue.pull(8)) == [10, 20, 30, 40, 50, 60, 60, 60]
    assert (queue.underruns, queue.pulled, queue.seconds, queue.playing) == (0, 12, 0.002, True)


def test_what_runs_dry_fades_is_counted_once_and_waits_until_enough_is_there():
    queue = PcmQueue(RATE, prefill=0.003)
    queue.put(sound(60, 60, 60))
    assert numbers(queue.pull(10)) == [10, 20, 30, 25, 20, 15, 10, 5, 0, 0]
    assert numbers(queue.pull(2)) == [0, 0]
    assert (queue.underruns, queue.playing) == (1, False)
    queue.put(sound(60, 60))
    assert numbers(queue.pull(2)) == [0, 0]
    queue.put(sound(60))
    assert numbers(queue.pull(2)) == [10, 20]
    assert queue.underruns == 1


def test_the_end_is_no_under_run():
    queue = PcmQueue(RATE, prefill=1.0)
    queue.put(sound(60))
    queue.end()
    assert not queue.finished
    assert numbers(queue.pull(7)) == [10, 8, 6, 5, 3, 1, 0]
    assert (queue.finished, queue.underruns) == (True, 0)


def test_a_stop_fades_and_forgets_the_rest():
    queue = PcmQueue(RATE, prefill=0.0)
    queue.put(sound(*[60] * 100))
    queue.pull(10)
    queue.stop()
    assert numbers(queue.pull(8)) == [50, 40, 30, 20, 10, 0, 0, 0]
    assert (queue.finished, queue.underruns) == (True, 0)


def test_what_was_heard_is_kept_from_the_first_sound_on():
    queue = PcmQueue(RATE, prefill=0.002)
    queue.record()
    queue.pull(5)
    queue.put(sound(60, 60, 60, 60))
    played = queue.pull(2) + queue.pull(6)
    assert queue.recorded() == played
    assert queue.recorded() == b""


@given(
    st.lists(
        st.one_of(
            st.lists(st.integers(-32767, 32767), max_size=40).map(lambda v: ("put", v)),
            st.integers(0, 30).map(lambda n: ("pull", n)),
        ),
        max_size=30,
    ),
    st.sampled_from((0.0, 0.02)),
)
def test_no_sample_is_lost_and_none_is_louder(steps, prefill):
    queue = PcmQueue(RATE, prefill)
    queue.record()
    put, pulled = 0, 0
    for what, value in steps:
        if what == "put":
            queue.put(sound(*value))
            put += len(value)
        else:
            made = numbers(queue.pull(value))
            assert len(made) == value
            assert all(abs(v) <= 32767 for v in made)
            pulled += value
    assert queue.pulled == pulled
    assert round(queue.seconds * RATE) <= put


@given(
    st.lists(
        st.one_of(
            st.lists(st.integers(-32767, 32767), max_size=40).map(lambda v: ("put", v)),
            st.lists(st.integers(0, 12), max_size=6).map(lambda cuts: ("pull", cuts)),
            st.just(("stop", None)),
        ),
        max_size=20,
    ),
    st.sampled_from((0.0, 0.02)),
)
def test_however_a_pull_is_cut_the_sound_is_the_same(steps, prefill):
    """A card that takes little at a time hears no click where the sound rises and falls."""
    whole, parts = (PcmQueue(RATE, prefill, lookahead=0.01) for _ in range(2))
    for what, value in steps:
        if what == "put":
            whole.put(sound(*value))
            parts.put(sound(*value))
        elif what == "pull":
            assert whole.pull(sum(value)) == b"".join([parts.pull(n) for n in value])
        else:
            whole.stop()
            parts.stop()
        for name in ("underruns", "pulled", "seconds", "playing", "finished", "until_transition"):
            assert getattr(whole, name) == getattr(parts, name)


@given(st.integers(0, 40), st.sampled_from((0.0, 0.02)), st.booleans())
def test_it_knows_when_it_turns(frames, prefill, ending):
    """Less is ready than there should be; it is heard no more; then nothing happens."""
    queue = PcmQueue(RATE, prefill, lookahead=0.01)
    queue.put(sound(*[60] * frames))
    if ending:
        queue.end()
    silent, transitions, found = not frames or (frames < 20 and prefill and not ending), 0, []
    while (left := queue.until_transition) is not None:
        queue.pull(left - 1)
        assert queue.transitions == transitions
        queue.pull(1)
        transitions += 1
        assert queue.transitions == transitions
        found.append((queue.low, queue.playing))
    wanted = [(True, True)] * (frames >= 10) + [(True, False)]
    assert found == ([] if silent else wanted)


def test_two_threads():
    """One thread pulls what the other puts, in order."""
    queue = PcmQueue(RATE, prefill=0.0)
    got = []

    def pull():
        while not queue.finished:
            got.extend(v for v in numbers(queue.pull(7)) if v)

    queue.put(sound(*[3] * 50))
    thread = threading.Thread(target=pull)
    thread.start()
    for _ in range(200):
        queue.put(sound(*[3] * 11))
    queue.end()
    thread.join(20)
    assert got.count(3) >= 50 + 200 * 11 - FADE * (queue.underruns + 1)


@pytest.mark.parametrize(("channels", "wanted"), [(1, [1, -2]), (2, [1, 1, -2, -2])])
def test_every_channel_plays_the_same(channels, wanted):
    assert numbers(interleaved(sound(1, -2), channels)) == wanted
