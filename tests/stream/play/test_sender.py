"""The sender: what is sent when, what counts as late, and what is left after `silence`."""

import mido
import pytest

from stream.music.note import Note, Phrase
from stream.play.observer import TASK_SECONDS
from stream.play.queue.phrase_queue import PhraseQueue
from stream.play.sender import CLOCK_SHARE, DELIVERY_SECONDS, STALL_SECONDS, Sender
from stream.play.sinks.router import Router
from stream.play.stats import LATE_SECONDS, Stats
from stream.play.timing.midi_clock import MidiClock
from tests.data.stage import Clock, Tape

BEGIN = 100.0


class Desk:
    """A sender with all that it needs; `told` is what came out, in short."""

    def __init__(self, notes, *, pulse=False):
        self.clock = Clock()
        self.clock.now = 0.0
        self.queue = PhraseQueue()
        self.stats = Stats()
        self.tape = Tape(self.clock)
        self.tape.clocked = True
        pulses = MidiClock(self.queue) if pulse else None
        outputs = Router([self.tape])
        self.sender = Sender(self.queue, pulses, outputs, self.stats, self.clock)
        phrase = Phrase(notes, 96, 120.0, index=0, tune=0, style="", voice="", seed=0)
        self.queue.append(phrase, earliest=BEGIN)

    def at(self, time):
        self.clock.now = time
        self.sender.send_due()

    @property
    def told(self):
        return [f"{m.type} {getattr(m, 'note', '')}".strip() for _, m in self.tape.sent]


TWO = (Note(0, 48, 60), Note(24, 48, 64))
"""Half seconds on, quarter notes apart: at 100.0 and at 100.25, to 100.5 and 100.75."""


def test_what_is_due_leaves_and_nothing_before():
    desk = Desk(TWO)
    assert desk.sender.deadline() == BEGIN
    assert desk.sender.delivered_at == 0.0
    desk.at(BEGIN - 0.001)
    assert desk.told == []
    desk.at(BEGIN)
    assert desk.told == ["note_on 60"]
    assert desk.sender.deadline() == BEGIN + 0.25
    assert desk.sender.delivered_at == BEGIN + DELIVERY_SECONDS
    desk.at(BEGIN + 0.25)
    desk.at(BEGIN + 0.5)
    assert desk.told == ["note_on 60", "note_on 64", "note_off 60"]
    assert desk.stats.notes == 2


def test_what_was_silenced_is_not_ended_once_more():
    """Its end is taken out of the queue; what begins later has its own."""
    desk = Desk((*TWO, Note(48, 24, 60)))
    desk.at(BEGIN)
    desk.clock.now = BEGIN + 0.1
    desk.sender.silence()
    silenced = len(desk.told)
    assert desk.told.count("note_off 60") == 1
    left = [(timed.time, timed.message.type, timed.message.note) for timed in desk.queue.messages]
    assert left == [
        (100.25, "note_on", 64), (100.5, "note_on", 60),
        (100.75, "note_off", 64), (100.75, "note_off", 60),
    ]  # fmt: skip
    for time in (100.25, 100.5, 100.75):
        desk.at(time)
    assert desk.told[silenced:] == ["note_on 64", "note_on 60", "note_off 64", "note_off 60"]


@pytest.mark.parametrize("running", [True, False])
def test_the_clock_stops_after_the_last_sound(running):
    desk = Desk(TWO, pulse=True)
    if running:
        desk.at(BEGIN)
    desk.sender.silence()
    assert desk.told.count("stop") == running
    assert desk.told[-1:] == (["stop"] if running else [])
    desk.sender.silence()
    assert desk.told.count("stop") == running


def test_an_output_that_is_lost_has_stopped_too():
    desk = Desk(TWO, pulse=True)
    desk.at(BEGIN)
    desk.tape._breaks = len(desk.tape.sent) + 4  # a note's end and three resets: then `stop`
    desk.sender.silence()
    assert desk.told[-5:-3] == ["note_on 60", "note_off 60"]
    assert "stop" not in desk.told


@pytest.mark.parametrize(
    ("late", "counted"), [(0.0, 0), (LATE_SECONDS, 0), (LATE_SECONDS + 0.001, 1)]
)
def test_lateness_is_measured_when_a_note_leaves(late, counted):
    desk = Desk((Note(0, 48, 60),))
    desk.queue.shift(0.0 - BEGIN)  # at 0 there is nothing to round
    desk.at(late)
    assert (desk.stats.notes, desk.stats.late, desk.stats.lateness.max) == (1, counted, late)
    desk.at(0.5 + STALL_SECONDS)
    assert (desk.stats.notes, desk.stats.lateness.count, desk.stats.stalls) == (1, 1, 0)


@pytest.mark.parametrize(("late", "stalls"), [(STALL_SECONDS, 0), (STALL_SECONDS + 0.001, 1)])
def test_where_all_stood_still_the_music_is_moved(late, stalls):
    desk = Desk((Note(0, 48, 60),))
    desk.queue.shift(0.0 - BEGIN)
    desk.at(late)
    assert (desk.stats.stalls, desk.told) == (stalls, [] if stalls else ["note_on 60"])
    assert desk.queue.messages[-1].time == pytest.approx(0.5 + stalls * late)
    desk.at(late)
    assert (desk.stats.stalls, desk.told) == (stalls, ["note_on 60"])


def test_a_chore_is_given_what_is_left_before_the_next_message():
    desk = Desk((Note(0, 48, 60),))
    assert desk.sender.task_seconds() == TASK_SECONDS
    for before, room in ((0.1, True), (0.016, True), (0.014, False), (0.0, False), (-0.1, False)):
        desk.clock.now = BEGIN - before
        assert desk.sender.can_run_task() is room
    desk.queue.messages.clear()
    assert desk.sender.deadline() is None
    assert desk.sender.can_run_task() is True


def test_a_clock_that_is_fast_leaves_less():
    desk = Desk(TWO, pulse=True)
    assert desk.sender.task_seconds() == pytest.approx(CLOCK_SHARE * 0.5 / 24)
    desk.at(BEGIN)
    assert desk.sender.deadline() == pytest.approx(BEGIN + 0.5 / 24)
    assert mido.Message("clock") in [message for _, message in desk.tape.sent]


def test_what_the_wire_a_stall_and_a_chore_are_given():
    """MIDI's wire needs 1 ms a message; a tenth of a second is heard as a gap."""
    assert (DELIVERY_SECONDS, STALL_SECONDS, CLOCK_SHARE) == (0.005, 0.1, 0.6)
