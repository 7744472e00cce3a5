"""The loudness of a performance: fades and the volume, as the outputs get them."""

import dataclasses
import itertools

import pytest

from stream.play.loudness import Fade, Loudness
from tests.data.stage import SESSION, Stage


class Outputs:
    def __init__(self):
        self.sent = []

    def set_volume(self, share, now):
        self.sent.append((now, share))


def faded(loudness, outputs, seconds, start=0.0, paused=()):
    """Send the loudness every 0.04 s; return what the outputs have got."""
    outputs.sent.clear()
    for step in range(round(seconds / 0.04) + 1):
        now = start + 0.04 * step
        loudness.send(now, paused=any(a <= now < b for a, b in paused))
    return [share for _, share in outputs.sent]


def test_a_fade_goes_from_where_it_is():
    outputs = Outputs()
    loudness = Loudness(outputs, 0.5)
    loudness.send(0.0, paused=False)
    loudness.fade(0.0, 1.0)
    shares = faded(loudness, outputs, 0.5)
    assert shares[0] == 0.5
    assert shares[-1] == pytest.approx(0.25, abs=0.02)
    loudness.fade(1.0, 2.0)
    back = faded(loudness, outputs, 3.0, start=0.52)
    assert back[0] == pytest.approx(shares[-1], abs=0.02)
    assert back == sorted(back)
    assert back[-1] == 0.5
    assert loudness.step_seconds is None


def test_a_pause_is_no_jump_in_level():
    outputs = Outputs()
    loudness = Loudness(outputs, 1.0)
    loudness.send(0.0, paused=False)
    loudness.fade(0.0, 2.0)
    shares = faded(loudness, outputs, 12.0, paused=[(0.99, 10.99)])
    steps = [one - other for one, other in itertools.pairwise(shares)]
    assert max(steps) < 0.03
    assert steps.count(0.0) >= 240
    assert shares[-1] == pytest.approx(0.0, abs=0.02)


def test_a_fade_of_no_length_is_there_at_once():
    assert Fade(0.0, 1.0, 3.0, 3.0).at(3.0) == 1.0


def levels(tape):
    return [
        (time, message.value)
        for time, message in tape.sent
        if message.type == "control_change" and message.control == 7
    ]


def test_the_volume_is_heard_at_once_and_pausing_keeps_it():
    stage = Stage()
    stage.run(3.0)
    assert levels(stage.tapes[0]) == []
    quiet = dataclasses.replace(SESSION.controls, volume=0.5)
    stage.performance.change(quiet)
    stage.run(0.5)
    assert [value for _, value in levels(stage.tapes[0])] == [50]
    stage.performance.pause()
    stage.run(1.0)
    stage.performance.resume()
    stage.run(3.0)
    assert [value for _, value in levels(stage.tapes[0])] == [50]
    stage.performance.silence()
    assert [value for _, value in levels(stage.tapes[0])] == [50, 100]


def test_a_volume_from_the_start_comes_before_the_first_note():
    controls = dataclasses.replace(SESSION.controls, volume=0.3)
    stage = Stage(dataclasses.replace(SESSION, controls=controls))
    stage.run(3.0)
    first = stage.tapes[0].sent[0][1]
    assert (first.type, first.control, first.value) == ("control_change", 7, 30)
    assert len(levels(stage.tapes[0])) == 1
