"""Every command is handled, or refused with a reason; nothing else ever happens."""

import dataclasses
import importlib.metadata
import json
import math
import pathlib
import random
import select
import threading

import mido
import pytest

from stream.config.bounds import RANGES
from stream.music.controls import CONTROLS, Controls
from stream.play import voice_choice
from stream.play.control import handlers
from stream.play.control.command_schema import COMMANDS
from stream.play.control.dispatcher import SET_SECONDS, Dispatcher
from stream.play.control.handlers import Handlers
from stream.play.recording.keeper import Keeper
from stream.play.voice_choice import VoiceChoice
from stream.profiles.profile import Profile
from stream.util.version import program_version
from tests.data.stage import SESSION, Stage

VOICED = dataclasses.replace(SESSION, voice="commons", profile=Profile(cc={"cutoff": 74}))
RANDOM_COMMANDS = 10_000
VERSION = program_version()

VOICES = ["blues", "chorale", "commons", "piano", "rnn-dbn", "session"]


class Setup:
    """A dispatcher, and the performance that it serves."""

    def __init__(self, recorder=None):
        self.stage = Stage(VOICED)
        self.voices = []
        self.stage.link.change = self.voices.append
        performance = self.stage.performance
        performance.voice = VoiceChoice(VOICED, self.stage.link, recorder)
        self.handlers = Handlers(performance, self.stage.link, self.stage.outputs, VOICED, recorder)
        self.dispatcher = Dispatcher(self.handlers, self.stage.clock)
        self.stage.run(1.5)

    def dispatch(self, **command):
        answer = self.dispatcher.dispatch(command)
        assert answer == b"" or answer.endswith(b"\n")
        return json.loads(answer) if answer else None

    def run(self, seconds):
        """Let time pass, as the driver would."""
        end = self.stage.clock.now + seconds
        while self.stage.clock.now < end:
            self.dispatcher.apply_due_controls()
            self.stage.run(min(0.01, end - self.stage.clock.now))
            self.stage.clock.now = max(self.stage.clock.now, min(self.stage.clock.now + 0.01, end))

    @property
    def sent(self):
        return [message for _, message in self.stage.tapes[0].sent]


class Recorder:
    def change(self, header):
        self.header = header

    def __init__(self):
        self.asked = []
        self.keeper = Keeper(pathlib.Path("/recordings/kept"), [])

    def keep(self, tune, stars=0):
        self.asked.append(("keep", tune, stars))

    def ask(self, action, name):
        self.asked.append((action.__name__, name))

    def save(self, minutes, sounding):
        self.asked.append(("save", minutes, sounding))
        return "/recordings/saved.mid"

    def rate(self, tune, stars, sounding):
        self.asked.append(("rate", tune, stars, sounding))
        return "/recordings/rated.mid"


@pytest.fixture
def setup():
    setup = Setup(Recorder())
    yield setup
    setup.stage.outputs.close()


def test_the_state_is_read_without_opening_any_file(setup, monkeypatch):
    """It is read ten times a second, and a program that was not installed has no version."""
    told = setup.handlers.state()

    def read(*_):
        raise AssertionError("a file was read")

    monkeypatch.setattr(pathlib.Path, "open", read)
    monkeypatch.setattr(pathlib.Path, "glob", read)
    monkeypatch.setattr(importlib.metadata, "version", read)
    assert setup.handlers.state() == told
    assert (told["hello"]["version"], told["hello"]["voices"]) == (VERSION, VOICES)


@pytest.fixture
def queue(setup):
    return setup.stage.performance.queue


def test_controls_are_applied_together_and_not_too_often(setup):
    assert setup.dispatch(set={"bpm": 90, "transpose": -12}) is None
    assert setup.dispatch(set={"bpm": 100}, id=7) == {"answer": 7}
    assert setup.handlers.controls == VOICED.controls
    setup.dispatcher.apply_due_controls()
    first = setup.handlers.controls
    assert (first.bpm, first.transpose) == (100.0, -12)
    assert setup.dispatcher.deadline is None
    setup.dispatch(set={"bpm": 110})
    setup.dispatcher.apply_due_controls()
    assert setup.handlers.controls == first
    assert setup.dispatcher.deadline == pytest.approx(setup.stage.clock.now + SET_SECONDS)
    setup.stage.clock.now = setup.dispatcher.deadline
    setup.dispatcher.apply_due_controls()
    assert setup.handlers.controls.bpm == 110.0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bpm": math.nan}, "bpm: nan is not a number from 20 to 300"),
        ({"bpm": 10**400}, "bpm: "),
        ({"bpm": True}, "bpm: True is not a number from 20 to 300"),
        ({"bpm": 90, "swing": 2}, "swing: 2 is out of range; give a number from 0 to 0.75"),
        ({"low": 80, "high": 40}, "low 80 is above high 40; give low <= high"),
        ({"style": "polka"}, "style 'polka': unknown; the voice has "),
        ({"style": ["bach"]}, "style: ['bach'] is not a text; write it in quotes"),
        ({"style": "bach:0"}, "--style bach:0: "),
        ({"seed": 1}, "'seed': unknown control; known are bpm, "),
        ({"scale": "H major"}, "scale 'H major': "),
        ([1], "set: [1] is not an object of at most 64 members"),
        (dict.fromkeys(map(str, range(65)), 1), "set: {"),
    ],
)
def test_wrong_controls_are_refused_and_none_is_moved(setup, changes, reason):
    answer = setup.dispatch(id=1, set=changes)
    assert answer.keys() == {"answer", "refused"}
    assert answer["refused"].startswith(reason)
    assert "\n" not in answer["refused"]
    assert setup.dispatcher.deadline is None


def test_controls_must_fit_those_that_are_not_applied_yet(setup):
    setup.dispatch(set={"high": 60})
    assert setup.dispatch(id=1, set={"low": 61})["refused"].startswith("low 61 is above high 60")


def test_play_and_stop_hold_the_music_and_let_it_go(setup):
    performance = setup.stage.performance
    for hold, go in (({"play": False}, {"play": True}), ({"stop": True}, {"continue": 1.0})):
        setup.dispatch(**hold)
        assert setup.handlers.state()["playing"] is False
        before = len(setup.sent)
        setup.run(3.0)
        assert len(setup.sent) == before
        setup.dispatch(**go)
        setup.run(3.0)
        assert performance.transport.paused_at is None
        assert len(setup.sent) > before


def test_it_begins_anew_at_a_given_time(setup, queue):
    setup.run(1.0)  # there is a second phrase
    begin = setup.stage.clock.now + 1.0
    assert setup.dispatch(id=1, start=begin) == {"answer": 1}
    begins = [timed.time for timed in queue.messages if timed.message.type == "note_on"]
    assert begins[0] == pytest.approx(begin)


def test_the_next_tune_is_asked_for(setup):
    setup.dispatch(next=True)
    setup.run(0.5)
    assert setup.stage.link.requests[-1].tune == 1


def test_what_a_person_has_played_is_answered(setup):
    now = setup.stage.clock.now
    notes = [[now - 1.0, 0.5, 60, 90], [now - 0.5, 0.5, 64, 80], [0, 1, 20, 20]]
    setup.dispatch(call={"notes": notes, "end": now})
    setup.run(0.5)
    (asked,) = [request for request in setup.stage.link.requests if request.call]
    assert (asked.call, asked.tempo) == (96, 120.0)
    assert [(n.onset, n.duration, n.pitch, n.velocity) for n in asked.history] == [
        (-96, 48, 60, 90),
        (-48, 48, 64, 80),
    ]


def test_panic_silences_at_once(setup):
    setup.dispatch(panic=True)
    assert [m.control for m in setup.sent[-3:]] == [64, 123, 120]


def test_controllers_and_notes_are_passed_on_at_once(setup):
    setup.dispatch(cc={"cutoff": 100, "71": 5}, midi=[0x90, 60, 70])
    controllers, note = setup.sent[-3:-1], setup.sent[-1]
    assert [(m.control, m.value) for m in controllers] == [(74, 100), (71, 5)]
    assert note == mido.Message("note_on", note=60, velocity=70)


def test_the_tempo_of_others_is_followed(setup, queue):
    line = {"time": setup.stage.clock.now, "beat": 0, "bpm": 90}
    setup.dispatch(follow=line)
    assert setup.stage.performance.refill.tempo == 90
    assert {slot.phrase.bpm for slot in queue.slots()} == {90}


def test_outputs_and_voices_are_changed(setup):
    assert setup.dispatch(out=["null"], id=1) == {"answer": 1}
    assert setup.handlers.state()["outputs"] == []  # a thread opens it
    assert setup.dispatch(voice="commons", id=2) == {"answer": 2}
    (command,) = setup.voices
    assert command[-1].endswith("commons.onnx")


def test_outputs_named_again_go_on_as_they_are(tmp_path):
    """A page names them all with each click; so does an OSC client."""
    setup = Setup(Recorder())
    specs = [f"file:{tmp_path}/a.mid", "null"]
    setup.dispatch(out=specs)
    while len(setup.stage.outputs.names) < 2:
        ready = select.select(setup.stage.outputs.files(), [], [], 30)[0]
        setup.stage.outputs.process_ready(ready, setup.stage.clock.now)
    before = threading.active_count()
    for count in range(50):
        setup.run(0.1)
        assert setup.dispatch(out=specs[:: 1 - 2 * (count % 2)], id=count) == {"answer": count}
        assert threading.active_count() == before
    assert sorted(setup.stage.outputs.names) == sorted(specs)
    setup.dispatch(out=["null"])
    setup.stage.outputs.close()
    assert len(mido.MidiFile(tmp_path / "a.mid").tracks[1]) > 10


def test_a_flood_of_voices_starts_few_composers(setup):
    answers = [setup.dispatch(voice="commons", id=number) for number in range(1000)]
    assert answers[0] == {"answer": 0}
    assert {answer.get("refused") for answer in answers[1:]} == {
        "voice: changed less than a second ago; try again in a second"
    }
    setup.run(handlers.VOICE_SECONDS)
    assert setup.dispatch(voice="commons", id=1) == {"answer": 1}
    assert len(setup.voices) == 2


def test_what_was_played_is_saved_and_rated_with_what_has_been_heard_of_the_phrase(setup):
    setup.run(0.1)
    assert setup.dispatch(save=10, id=1) == {"answer": 1, "file": "/recordings/saved.mid"}
    assert setup.dispatch(stars=5, id=2) == {"answer": 2, "file": "/recordings/rated.mid"}
    assert setup.dispatch(stars={"stars": 4, "tune": 7}, id=3)["file"] == "/recordings/rated.mid"
    save, stars, kept, tune, kept_tune = setup.handlers._recorder.asked
    assert save[:2] == ("save", 10)
    assert stars[:3] == ("rate", 0, 5)
    assert tune[:3] == ("rate", 7, 4)
    assert (kept, kept_tune) == (("keep", 0, 5), ("keep", 7, 4))
    slot = setup.stage.performance.queue.current
    for *_, sounding in (save, stars, tune):
        assert sounding.source is slot.source
        assert sounding.begin == slot.begin
        heard = slot.tick_at(setup.stage.clock.now)
        later = [note.onset for note in slot.source.notes if note.onset > heard]
        assert sounding.finish == slot.begin + min(later, default=slot.finish)


def test_a_notice_is_shown(setup):
    setup.dispatch(notice="hello")
    setup.run(0.5)
    assert "hello" in setup.stage.onlooker.notices


def test_the_answer_to_one_member_of_a_command_stays_with_others(setup):
    answer = setup.dispatch(id=1, save=10, panic=True, notice="saved")
    assert answer == {"answer": 1, "file": "/recordings/saved.mid"}


WRONG = [
    ({"dance": True}, "'dance' is not known"),
    ({"play": 1}, "play: 1 is neither true nor false"),
    ({"save": math.inf}, "save: inf is not a number from 0 to 1000000"),
    ({"stars": 6}, "stars: 6 is not a whole number from 1 to 5"),
    ({"stars": {"stars": 6, "tune": 1}}, "stars: stars: 6 is not a whole number from 1 to 5"),
    ({"stars": {"stars": 5, "tune": -1}}, "stars: tune: -1 is not a whole number from 0"),
    ({"stars": {"stars": 5}}, "stars: tune: missing"),
    ({"out": []}, "out: [] is not a list of 1 to 16 items"),
    ({"out": ["drum"]}, "--out drum: no such output"),
    ({"out": "null"}, "out: 'null' is not a list"),
    ({"voice": "no such"}, "voice 'no such': unknown"),
    ({"voice": "a\0b"}, "voice: 'a\\x00b' is not printable text"),
    ({"cc": {"cutoff": 128}}, "cc: 128 is not a whole number from 0 to 127"),
    ({"cc": {"wobble": 1}}, "cc 'wobble': not a controller; give a number"),
    ({"midi": [0x90, 60]}, "midi: [144, 60] is not a complete channel message"),
    ({"midi": [0xE0, 2]}, "midi: [224, 2] is not a complete channel message"),
    ({"midi": [0xC0, 1, 2]}, "midi: [192, 1, 2] is not a complete channel message"),
    ({"midi": [0xF8]}, "midi: [248] is not a complete channel message"),
    ({"midi": [0xF0, 1, 0xF7]}, "midi: [240, 1, 247] is not a complete channel message"),
    ({"midi": [0x90, 60, 200]}, "midi: [144, 60, 200] is not a complete channel message"),
    ({"midi": [60, 60, 60]}, "midi: [60, 60, 60] is not a complete channel message"),
    ({"midi": [0x90, 60, 0.5]}, "midi: 0.5 is not a whole number"),
    ({"call": {"notes": [], "end": 1}}, "call: notes: [] is not a list of 1 to 1000 items"),
    ({"call": {"notes": [[1, 1, 60, 80]]}}, "call: end: missing"),
    ({"call": {"notes": [[1, 1, 60, 0]], "end": 2}}, "call: notes: 0 is not a whole number"),
    ({"follow": {"time": 1, "beat": 1, "bpm": math.nan}}, "follow: bpm: nan is not a number"),
    ({"follow": {"time": 1, "beat": 1, "bpm": 0}}, "follow: bpm: 0 is not a number from 20"),
    ({"start": -1}, "start: -1 is not a number from 0"),
    ({"start": None}, "start: None is not a number"),
    ({"continue": "now"}, "continue: 'now' is not a number"),
    ({"notice": "two\nlines"}, "notice: 'two\\nlines' is not printable text"),
]


@pytest.mark.parametrize(("command", "reason"), WRONG)
def test_wrong_commands_are_refused_with_the_reason(setup, command, reason):
    before = len(setup.sent)
    answer = setup.dispatch(**command)  # a refusal is answered without an id, too
    assert answer["answer"] is None
    assert reason in answer["refused"]
    assert len(setup.sent) == before


def test_nothing_is_saved_where_nothing_is_recorded():
    setup = Setup()
    assert setup.dispatch(id=1, save=1)["refused"].startswith("save: nothing is recorded")
    assert setup.dispatch(id=1, stars=1)["refused"].startswith("stars: nothing has been recorded")
    setup.stage.outputs.close()


def test_a_command_for_which_resources_are_short_is_refused(setup, monkeypatch, tmp_path):
    def no_thread(_):
        raise RuntimeError("can't start new thread")

    def no_file(*_):
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        # It is opened as soon as there is a thread that may wait for it.
        assert setup.dispatch(out=[f"file:{tmp_path}/a.mid"], id=1) == {"answer": 1}
    before = setup.handlers.state()
    monkeypatch.setattr(voice_choice, "header_of", no_file)
    assert (
        setup.dispatch(voice="session", id=2)["refused"] == "Too many open files; try again later"
    )
    assert setup.handlers.state() == before


ODD = (
    None, True, False, 0, 1, -1, 5, 64, 127, 128, 0.5, 1e9, 1e308, 10**400, -(10**30), math.nan,
    math.inf, -math.inf, "", "bach", "bach:0.5,jazz:0.5", "folk/jazz", "commons", "C minor",
    "\0", "\ud800", "é" * 999, [], [[]], {}, {"a": 1}, [60, 60, 60], [0x90, 60, 80], ["null"],
    [0xF0, 1, 0xF7], [0xC0, 3], {"cutoff": 9}, {"time": 1e12, "beat": -1e9, "bpm": 20},
    {"notes": [[1, 1, 60, 80]], "end": 2}, {"time": 0, "beat": 1e9, "bpm": 400},
)  # fmt: skip


def random_controls(rng, now):
    changes = {}
    for name in rng.sample(list(CONTROLS), rng.randint(0, 3)):
        low, high = RANGES.get(name, (0, 1))
        changes[name] = rng.choice((rng.choice(ODD), rng.randint(int(low), int(high))))
    return changes


def random_call(rng, now):
    notes = [
        [now - rng.uniform(0, 9), rng.uniform(0, 2), rng.randrange(128), rng.randint(1, 127)]
        for _ in range(rng.randint(1, 5))
    ]
    return {"notes": notes, "end": now - rng.uniform(-1, 1)}


def random_follow(rng, now):
    return {
        "time": now + rng.uniform(-1, 1),
        "beat": rng.uniform(0, 99),
        "bpm": rng.uniform(1, 500),
    }


FITTING = {
    "set": random_controls,
    "call": random_call,
    "follow": random_follow,
    "play": lambda rng, now: rng.random() < 0.9,
    "start": lambda rng, now: now + rng.uniform(-1, 1),
    "midi": lambda rng, now: [
        rng.randrange(128, 256),
        *rng.choices(range(128), k=rng.randrange(3)),
    ],
    "cc": lambda rng, now: {str(rng.randrange(140)): rng.randrange(140)},
    "out": lambda rng, now: ["null"],
    "stars": lambda rng, now: rng.randint(0, 6),
}


def random_command(rng, now):
    names = [*COMMANDS, "id", "dance", ""]
    command = {}
    for name in rng.choices(names, k=rng.choice((0, 1, 1, 1, 2, 3))):
        fits = name in FITTING and rng.random() < 0.7
        command[name] = FITTING[name](rng, now) if fits else rng.choice(ODD)
    return command


def test_ten_thousand_random_commands_are_done_or_refused_and_the_music_plays_on(setup):
    rng = random.Random(1)
    refused = 0
    for count in range(RANDOM_COMMANDS):
        command = random_command(rng, setup.stage.clock.now)
        answer = setup.dispatcher.dispatch(command)
        if answer:
            document = json.loads(answer)
            assert document.keys() <= {
                "answer",
                "refused",
                "file",
                "kept",
                "tune",
                "ended",
                "again",
            }
            reason = document.get("refused", "because")
            assert reason
            assert "\n" not in reason
            assert len(answer) < 20_000
            refused += "refused" in document
        if count % 20 == 0:
            setup.run(0.05)
    assert RANDOM_COMMANDS / 10 < refused < RANDOM_COMMANDS
    now = setup.stage.clock.now
    setup.dispatch(follow={"time": now, "beat": 0, "bpm": 120})
    setup.dispatch(start=now + 0.1)
    setup.dispatch(set=dataclasses.asdict(Controls()) | {"style": ""})
    before = setup.stage.performance.stats.notes
    setup.run(40.0)  # a beat far away may have stretched the phrase that sounds
    assert setup.stage.performance.stats.notes > before + 10
    assert setup.handlers.controls == Controls()


def test_the_sleep_timer_and_the_day_are_commands(setup):
    assert setup.dispatch(sleep=0.1, id=1) == {"answer": 1}
    assert setup.handlers.state()["sleep"]["end"] == pytest.approx(setup.stage.clock.now + 6.0)
    setup.run(20.0)
    state = setup.handlers.state()
    assert (state["sleep"], state["playing"]) == ({"end": None, "asleep": True}, False)
    assert setup.dispatch(play=True, id=2) == {"answer": 2}
    setup.run(1.0)
    state = setup.handlers.state()
    assert (state["sleep"], state["playing"], state["day"]) == (None, True, None)
    assert setup.dispatch(day="follow", id=3) == {
        "answer": 3,
        "refused": "day: there is no plan; add [[day]] to the configuration",
    }
    assert "'now' is not one of until next, follow" in setup.dispatch(day="now", id=4)["refused"]
