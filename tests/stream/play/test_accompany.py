"""A person plays on a MIDI input, and the band follows a bar behind: bytes in, notes out.

Input, commands, player and composer are the real ones, on a virtual clock.
"""

from itertools import pairwise

import pytest

from stream.compose.companions.band import Band
from stream.compose.companions.following.accompanist import Accompanist
from stream.compose.step import Step
from stream.midi_in.dispatcher import InputOptions, MidiDispatcher
from stream.music.note import Controls
from stream.play.control.dispatcher import Dispatcher
from stream.play.control.handlers import Handlers
from stream.play.session import Session
from stream.play.voice_choice import VoiceChoice
from tests.data.stage import Stage
from tests.stream.compose.conftest import OUTLINED

ENSEMBLE = """title = "two"
[parts.lead]
program = 1
[parts.comping]
program = 1
companion = "block-chords"
[parts.bass]
program = 33
companion = "root-bass"
"""
BAR = 2.0
"""Seconds of a bar at 120 quarter notes a minute."""
BASS = 3


class Jam:
    """A person, an input, and a band."""

    def __init__(self, folder, delay=0.2, **options):
        path = folder / "two.toml"
        path.write_text(ENSEMBLE, encoding="utf-8")
        controls = Controls(ensemble=str(path), bpm=120.0, arc=0.0, energy=1.0, expression=0.0)
        session = Session(seed=1, controls=controls, behind=1, voice="commons", **options)
        self.accompanist = Accompanist(Step(OUTLINED).spec, Band())
        self.stage = Stage(session, delay, compose=self.accompanist.compose)
        performance = self.stage.performance
        performance.voice = VoiceChoice(session, self.stage.link, None)
        outputs = self.stage.outputs
        handlers = Handlers(performance, self.stage.link, outputs, session, None)
        self._dispatcher = Dispatcher(handlers, self.stage.clock)
        self._input = MidiDispatcher(InputOptions(answer="accompany", clock="follow"))

    def send(self, *data):
        for command in self._input.message(self.stage.clock.now, bytes(data)):
            assert self._dispatcher.dispatch(command) == b""

    def bar(self, root, clock=None):
        """Play a bar of eighths; with a clock, send 24 clocks a beat of so many seconds."""
        seconds = BAR if clock is None else 4 * clock
        for step in (0, 4, 7, 12, 7, 4, 0, 7):
            self.send(0x90, 60 + root + step, 90)
            for _ in range(12):
                if clock is not None:
                    self.send(0xF8)
                self.stage.run(seconds / 96)
            self.send(0x80, 60 + root + step, 0)

    def bass(self):
        """Return time and pitch class of each bass note, and the parts of late answers."""
        sent = self.stage.tapes[0].sent
        return [
            (at, message.note % 12)
            for at, message in sent
            if message.type == "note_on" and message.velocity and message.channel == BASS
        ]


@pytest.mark.parametrize("delay", [0.05, 0.4])
def test_the_band_follows_a_bar_behind(tmp_path, delay):
    jam = Jam(tmp_path, delay)
    jam.stage.run(0.5)
    for root in (0, 0, 0, 0, 0, 0):
        jam.bar(root)
    moved = jam.stage.clock.now
    for root in (6, 6, 6, 6, 6, 6, 6, 6):
        jam.bar(root)
    before = [pitch for at, pitch in jam.bass() if moved - 2 * BAR < at < moved]
    after = [pitch for at, pitch in jam.bass() if at > moved + 5 * BAR]
    assert before.count(0) > len(before) / 2
    assert after.count(6) > len(after) / 2
    stats = jam.stage.performance.stats
    assert (stats.late, stats.repeats, stats.parts_failed) == (0, 0, 0)
    assert jam.stage.onlooker.notices == []


def test_each_bar_is_composed_from_what_was_played_before_it(tmp_path):
    jam = Jam(tmp_path)
    jam.stage.run(0.5)
    for _ in range(8):
        jam.bar(0)
    requests = jam.stage.link.requests[3:]
    assert {request.behind for request in requests} == {1}
    for request in requests:
        onsets = [note.onset for note in request.played]
        assert all(onset < 0 for onset in onsets)
        # A beat is left to compose, so the last beat of the bar was not heard yet.
        assert -48 - 24 <= onsets[-1] <= -24
    assert len(requests) >= 6


def test_a_slow_composer_is_never_missed(tmp_path):
    """If the answer takes longer than a bar, the last phrase plays on, and no note is late."""
    jam = Jam(tmp_path, delay=2.6)
    jam.stage.run(3.5)
    for _ in range(10):
        jam.bar(0)
    assert jam.stage.performance.stats.late == 0
    onsets = [at for at, _ in jam.bass() if at > jam.stage.clock.now - 6 * BAR]
    assert max(b - a for a, b in pairwise(onsets)) <= BAR + 1e-6


def test_the_band_keeps_to_a_clock_that_is_followed(tmp_path):
    jam = Jam(tmp_path, clock="follow")
    jam.stage.run(0.5)
    jam.send(0xFA)
    start = jam.stage.clock.now
    for _ in range(8):
        jam.bar(0, clock=0.4)
    onsets = [at for at, _ in jam.bass() if at > start + 4]
    assert onsets
    beats = [(at - start) / 0.4 for at in onsets]
    assert max(abs(beat - round(2 * beat) / 2) for beat in beats) < 0.03
    assert jam.stage.performance.stats.late == 0
