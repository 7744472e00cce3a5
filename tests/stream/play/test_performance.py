"""A performance under a clock of its own: when it wakes, what it does then."""

import dataclasses

import pytest

from stream.play.observer import TASK_SECONDS
from tests.data.stage import SESSION, Stage, music


def test_every_message_leaves_at_its_time():
    stage = Stage(dataclasses.replace(SESSION, minutes=0.5))
    stage.run(100.0)
    assert stage.performance.finished
    assert stage.tapes[0].sent == stage.tapes[1].sent == music(100.12, 5)
    assert stage.performance.stats.queue_seconds == pytest.approx(0.0, abs=9)
    assert stage.clock.now == pytest.approx(100.12 + 32.0)


def test_the_queue_is_kept_filled_and_no_more():
    stage = Stage()
    stage.run(20.0)
    # 4 s for each half of the first phrase, 8 s for each other phrase: asked for as soon as less
    # than 8 s are queued.
    assert [request.index for request in stage.link.requests] == [0, 1, 2, 3, 4]


def test_it_does_not_poll():
    stage = Stage(dataclasses.replace(SESSION, minutes=0.5))
    stage.run(100.0)
    assert stage.steps <= len(stage.tapes[0].sent) + 5 * 4


def test_a_view_is_drawn_in_time_and_never_close_to_a_note():
    stage = Stage(period=0.1)
    stage.run(20.0)
    drawn = stage.onlooker.drawn
    notes = [time for time, _ in stage.tapes[0].sent]
    assert 170 <= len(drawn) <= 201
    gaps = [note - at for at in drawn for note in notes if note - at > 1e-5]
    assert min(gaps) > TASK_SECONDS - 1e-5
    assert stage.steps < 600


def test_a_late_composer_is_covered_by_repeats():
    stage = Stage(delay=10.0)
    stage.run(30.0)
    assert (
        stage.onlooker.begun
        == [
            (110.02, False),
            (114.02, True),
            (118.02, True),
            (122.02, False),
            (126.02, True),
            (130.02, True),
        ][: len(stage.onlooker.begun)]
    )
    assert stage.performance.stats.repeats >= 2
    assert [r.index for r in stage.link.requests[:3]] == [0, 1, 2]


def test_a_stall_moves_the_stream():
    stage = Stage(dataclasses.replace(SESSION, minutes=0.1))
    stage.run(2.0)
    before = len(stage.tapes[0].sent)
    due = stage.performance._next_due()
    stage.clock.now = due + 5.0
    stage.run(100.0)
    expected = music(100.12, 2)
    assert [m for _, m in stage.tapes[0].sent] == [m for _, m in expected]
    assert [t for t, _ in stage.tapes[0].sent[before:]] == pytest.approx(
        [t + 5.0 for t, _ in expected[before:]]
    )
    assert stage.performance.stats.stalls == 1


def test_a_lost_sink_is_named_and_left():
    stage = Stage(dataclasses.replace(SESSION, minutes=0.1), breaks=3)
    stage.run(100.0)
    assert len(stage.tapes[0].sent) == 3
    assert stage.tapes[1].sent == music(100.12, 2)
    assert stage.onlooker.notices == ["one: lost"]
    assert stage.performance.stats.sinks_lost == 1


def test_recordings_are_made_safe_at_each_phrase_and_every_four_seconds():
    stage = Stage()
    stage.run(20.0)
    flushed = [round(time, 6) for time in stage.tapes[0].flushed]
    assert flushed == [100.12, 104.12, 108.12, 112.12, 116.12]


def test_counters_are_kept_on_disk(tmp_path):
    path = tmp_path / "stats.json"
    stage = Stage(dataclasses.replace(SESSION, stats=path))
    stage.run(2.0)
    assert '"phrases": 1' in path.read_text()
    stage.performance.reports._path = tmp_path / "none" / "stats.json"
    stage.run(5.0)
    assert stage.onlooker.notices == [
        f"--stats {tmp_path}/none/stats.json: cannot be written (No such file or directory)"
    ]
