import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stream.midi_in.phase_locked_loop import NARROWEST, PhaseLockedLoop

HALF_BEAT = 12
BEAT = 24


def interval(bpm):
    return 60 / bpm / BEAT


def shaky(bpm, *, beats, jitter, seed, start=1000.0):
    """Times of an even clock, and when its ticks came."""
    shake = random.Random(seed)
    even = [start + k * interval(bpm) for k in range(beats * BEAT + 1)]
    return even, [time + shake.uniform(-jitter, jitter) for time in even]


def predicted(loop, ticks):
    return loop.time + ticks * loop.interval


@settings(derandomize=True)
@given(st.floats(60, 200), st.integers(0, 2**32), st.floats(0, 1e7))
def test_after_four_beats_of_a_shaky_clock_onsets_lie_within_two_milliseconds(bpm, seed, start):
    even, came = shaky(bpm, beats=12, jitter=0.003, seed=seed, start=start)
    loop = PhaseLockedLoop()
    for k, time in enumerate(came):
        assert loop.tick(time) == 1
        if k >= 4 * BEAT and k + HALF_BEAT < len(even):
            for ahead in (0, HALF_BEAT // 2, HALF_BEAT):
                assert abs(predicted(loop, ahead) - even[k + ahead]) < 0.002


@pytest.mark.parametrize("seed", range(4))
def test_a_shaky_clock_is_never_taken_for_a_change_of_tempo(seed):
    loop = PhaseLockedLoop()
    for time in shaky(120, beats=600, jitter=0.003, seed=seed)[1]:
        loop.tick(time)
        assert not loop.changed
    assert 60 / BEAT / loop.interval == pytest.approx(120, abs=0.5)


def test_an_hour_of_an_even_clock_leaves_no_error():
    loop = PhaseLockedLoop()
    ticks = sum(loop.tick(12345.678 + k * interval(120)) for k in range(172_800))
    assert ticks == 172_800
    end = 12345.678 + 172_799 * interval(120)
    assert abs(loop.time - end) < 1e-6
    assert abs(loop.time + 48 * loop.interval - (end + 1)) < 1e-6


def after_a_step(before, after, *, jitter, seed):
    """Loops at each tick of the new tempo, and how far they are off half a beat later."""
    old, came_old = shaky(before, beats=8, jitter=jitter, seed=seed)
    new, came_new = shaky(after, beats=8, jitter=jitter, seed=seed + 1, start=old[-1])
    loop = PhaseLockedLoop()
    for time in came_old:
        loop.tick(time)
    errors = []
    for k, time in enumerate(came_new[1:], 1):
        loop.tick(time)
        if k + HALF_BEAT < len(new):
            errors.append(abs(predicted(loop, HALF_BEAT) - new[k + HALF_BEAT]))
    return loop, errors


@pytest.mark.parametrize(("before", "after"), [(120, 140), (140, 120), (60, 200), (120, 122)])
def test_a_new_tempo_of_an_even_clock_is_found_within_half_a_beat(before, after):
    loop, errors = after_a_step(before, after, jitter=0, seed=0)
    assert 60 / BEAT / loop.interval == pytest.approx(after)
    assert max(errors[HALF_BEAT:]) < 1e-6


@settings(derandomize=True)
@given(st.integers(0, 2**32))
def test_a_new_tempo_of_a_shaky_clock_is_found_within_two_beats(seed):
    _, errors = after_a_step(120, 140, jitter=0.003, seed=seed)
    assert max(errors[2 * BEAT :]) < 0.004
    assert max(errors[5 * BEAT :]) < 0.002


def test_one_tick_that_is_held_up_does_no_harm():
    even, _ = shaky(120, beats=16, jitter=0, seed=0)
    loop = PhaseLockedLoop()
    for k, time in enumerate(even):
        loop.tick(time + (0.2 if k == 200 else 0))
        if k > NARROWEST:
            assert abs(loop.time - time) < 0.0005


@pytest.mark.parametrize("silent", [1.0, 2.0, 10.0])
def test_ticks_of_a_drop_out_are_counted(silent):
    even, came = shaky(123, beats=40, jitter=0.001, seed=7)
    loop = PhaseLockedLoop()
    count = -1
    for k, time in enumerate(came):
        if not 0 < time - came[400] < silent:
            count += loop.tick(time)
            assert count == k
            if k > NARROWEST:
                assert abs(loop.time - even[k]) < 0.002


@pytest.mark.parametrize("held_up", [2, 5, 12, 20])
@pytest.mark.parametrize("jitter", [0, 0.001, 0.003])
def test_ticks_that_come_in_a_burst_do_no_harm(held_up, jitter):
    even, came = shaky(120, beats=40, jitter=jitter, seed=3)
    loop = PhaseLockedLoop()
    for k, time in enumerate(came[:-BEAT]):
        phase = k % 240
        late = k > NARROWEST and phase < held_up
        assert loop.tick(came[k - phase + held_up] + phase * 1e-5 if late else time) == 1
        if k > NARROWEST:
            assert not loop.changed
            assert abs(loop.time - even[k]) < 0.002


def test_ticks_that_are_lost_are_made_up_for():
    even, _ = shaky(120, beats=40, jitter=0, seed=3)
    loop = PhaseLockedLoop()
    for time in (time for k, time in enumerate(even) if not 500 <= k < 503):
        loop.tick(time)
    assert abs(loop.time - even[-1]) < 1e-6
    assert loop.interval == pytest.approx(interval(120))


def test_ticks_that_were_held_back_are_not_counted_twice():
    even, _ = shaky(120, beats=16, jitter=0, seed=0)
    loop = PhaseLockedLoop()
    count = -1
    for k, time in enumerate(even):
        held_back = 200 <= k < 250
        count += loop.tick(even[250] + (k - 200) * 1e-4 if held_back else time + 0.0051)
    assert count == len(even) - 1


def test_a_tick_out_of_phase_keeps_the_tempo():
    even, _ = shaky(120, beats=8, jitter=0, seed=0)
    loop = PhaseLockedLoop()
    for time in even:
        loop.tick(time)
    late = even[-1] + 1.5 * interval(120)
    assert loop.expects(even[-1] + interval(120))
    assert not loop.expects(late)
    loop.restart_phase(late)
    assert loop.time == late
    assert loop.interval == pytest.approx(interval(120))


@given(st.lists(st.floats(-1e9, 1e9)))
@example([0.0, 1.1125369292536007e-308, 2.0])
@example([0.0] * 20)
def test_any_times_are_accepted(times):
    loop = PhaseLockedLoop()
    for time in times:
        assert loop.tick(time) >= 0
        assert loop.interval > 0 or loop.ticks < 2


def held_back(share):
    """A loop of 20 ms after a pause of three ticks and one that came after `share` of a tick."""
    loop = PhaseLockedLoop()
    for k in range(100):
        loop.tick(0.02 * k)
    loop.tick(0.02 * 102)
    loop.tick(0.02 * 102 + share * 0.02)
    return loop.time


def test_a_tick_that_was_held_back_tells_no_time():
    assert held_back(0.1) == held_back(0.29)
    assert held_back(0.31) != pytest.approx(held_back(0.29), abs=1e-6)


def test_after_a_drop_out_the_loop_learns_as_fast_as_at_first():
    loop = PhaseLockedLoop()
    for k in range(200):
        loop.tick(0.02 * k)
    assert loop.ticks == 96
    loop.tick(0.02 * 300)
    assert loop.ticks == 13


def test_the_ticks_that_a_drop_out_has_lost_are_known_before_it_ends():
    loop = PhaseLockedLoop()
    assert loop.missed_until(9.0) == 0
    for k in range(50):
        loop.tick(0.02 * k)
    assert [loop.missed_until(0.98 + pause) for pause in (0.45, 0.59, 1.01)] == [0, 29, 50]
