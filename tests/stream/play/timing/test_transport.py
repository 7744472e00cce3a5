"""Standing still, beginning at a time, following another's tempo."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.music.note import TICKS_PER_BEAT
from stream.play.timing.tempo_map import TempoMap
from tests.data.stage import SESSION, Stage

FOLLOWING = dataclasses.replace(SESSION, clock="follow")


def onsets(stage):
    return [time for time, m in stage.tapes[0].sent if m.type == "note_on"]


def follow(stage, time, beat, bpm):
    stage.performance.refill.tempo = bpm
    stage.performance.transport.follow(TempoMap(time, beat * TICKS_PER_BEAT, bpm))


def test_a_pause_ends_what_sounds_and_costs_no_note():
    stage, other = Stage(), Stage()
    stage.run(1.0)
    stage.performance.pause()
    sent = len(stage.tapes[0].sent)
    assert stage.tapes[0].sent[-1][1].type == "control_change"
    stage.run(20.0)
    assert len(stage.tapes[0].sent) == sent
    stage.performance.transport.resume()
    stage.run(10.0)
    other.run(11.0)
    assert onsets(stage) == pytest.approx(
        [at if at <= 101.0 else at + 20.0 for at in onsets(other)], abs=1e-5
    )
    assert stage.performance.stats.repeats == 0


def test_it_waits_for_the_start_and_begins_exactly_then():
    stage = Stage(FOLLOWING)
    stage.run(30.0)
    assert onsets(stage) == []
    stage.performance.transport.start(130.5)
    follow(stage, 130.5, 0.0, 100.0)
    stage.run(10.0)
    eighths = [130.5 + 0.3 * i for i in range(12)]
    assert onsets(stage)[:12] == pytest.approx(eighths, abs=1e-5)
    # The first phrase: twelve eighths and a half note, then the next bar.
    assert onsets(stage)[13] == pytest.approx(130.5 + 4.8, abs=1e-5)


@given(st.lists(st.floats(60, 200), min_size=1, max_size=6))
def test_notes_stay_on_the_beats_of_the_line_whatever_its_tempo(tempos):
    stage = Stage(FOLLOWING)
    stage.run(1.0)
    stage.performance.transport.start(101.5)
    time, beat, lines = 101.5, 0.0, []
    for bpm in tempos:
        follow(stage, time, beat, bpm)
        lines.append((time, beat, bpm))
        stage.run(time + 2.0 - stage.clock.now)
        beat += (101.5 + 2.0 * len(lines) - time) * bpm / 60.0
        time = 101.5 + 2.0 * len(lines)
    for onset in onsets(stage):
        at, struck, bpm = next(line for line in reversed(lines) if line[0] <= onset + 1e-6)
        beats = struck + (onset - at) * bpm / 60.0
        assert beats * 2 == pytest.approx(round(beats * 2), abs=1e-3)
    assert stage.performance.stats.repeats == 0


def test_a_line_without_a_start_is_joined_at_a_bar():
    stage = Stage()
    stage.run(1.0)
    follow(stage, 101.0, 10.3, 120.0)
    stage.run(10.0)
    later = [at for at in onsets(stage) if at > 103.0]
    beats = [10.3 + (at - 101.0) * 2.0 for at in later]
    assert [b * 2 for b in beats] == pytest.approx([round(b * 2) for b in beats], abs=1e-3)
    bars = [slot.start for slot in stage.performance.queue.slots()]
    assert [(12.3 + (at - 101.0) * 2.0) % 4 for at in bars[1:]] == pytest.approx(
        [2.0] * len(bars[1:]), abs=1e-6
    )


def test_a_start_before_there_is_any_music_is_joined_at_a_bar():
    stage = Stage(FOLLOWING, delay=1.7)
    stage.run(1.0)
    stage.performance.transport.start(101.0)
    for beat in range(16):
        follow(stage, 101.0 + 0.6 * beat, beat, 100.0)
        stage.run(0.6)
    beats = [(at - 101.0) / 0.6 for at in onsets(stage) if at > 104.0]
    assert [b * 2 for b in beats] == pytest.approx([round(b * 2) for b in beats], abs=1e-3)
    bars = [(slot.start - 101.0) / 2.4 for slot in stage.performance.queue.upcoming]
    assert bars == pytest.approx([round(bar) for bar in bars], abs=1e-6)


def test_music_that_was_held_joins_a_new_line_at_its_place_in_the_bar_at_once():
    stage = Stage()
    stage.run(1.0)
    stage.performance.pause()
    stage.run(5.0)
    stage.performance.transport.continue_at(106.0)
    follow(stage, 106.0, 2.2, 120.0)
    stage.run(5.0)
    # The rest of the phrase: eighths up to the half note on the sixth beat.
    later = [2.2 + (at - 106.0) * 2.0 for at in onsets(stage) if at > 106.05]
    assert later[:8] == pytest.approx([2.5 + 0.5 * i for i in range(8)], abs=1e-4)
