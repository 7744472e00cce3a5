"""The desk: every command is done, or refused with a reason; nothing else ever happens."""

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
from stream.config.settings import CONTROLS
from stream.music.note import Controls
from stream.play.control import handlers
from stream.play.control.command_schema import COMMANDS
from stream.play.control.dispatcher import SET_SECONDS, Dispatcher
from stream.play.control.handlers import Handlers
from stream.profiles.profile import Profile
from stream.util.version import program_version
from tests.data.stage import SESSION, Stage

VOICED = dataclasses.replace(SESSION, voice="commons", profile=Profile(cc={"cutoff": 74}))
RANDOM_COMMANDS = 10_000
VERSION = program_version()

VOICES = ["blues", "chorale", "commons", "piano", "rnn-dbn", "session"]


class Table:
    """A desk, and the performance that it serves."""

    def __init__(self, recorder=None):
        self.stage = Stage(VOICED)
        self.voices = []
        self.stage.link.change = self.voices.append
        performance = self.stage.performance
        self.deeds = Handlers(performance, self.stage.link, self.stage.outputs, VOICED, recorder)
        self.desk = Dispatcher(self.deeds, self.stage.clock)
        self.stage.run(1.5)

    def obey(self, **command):
        answer = self.desk.obey(command)
        assert answer == b"" or answer.endswith(b"\n")
        return json.loads(answer) if answer else None

    def run(self, seconds):
        """Let time pass, as the driver would."""
        end = self.stage.clock.now + seconds
        while self.stage.clock.now < end:
            self.desk.heed()
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

    def save(self, minutes, sounding):
        self.asked.append(("save", minutes, sounding))
        return "/recordings/saved.mid"

    def rate(self, tune, stars, sounding):
        self.asked.append(("rate", tune, stars, sounding))
        return "/recordings/rated.mid"


@pytest.fixture
def table():
    table = Table(Recorder())
    yield table
    table.stage.outputs.close()


def test_the_state_is_told_without_a_look_at_any_file(table, monkeypatch):
    """It is asked for ten times a second, and a program that was not installed has no version."""
    told = table.deeds.state()

    def look(*_):
        raise AssertionError("a file was read")

    monkeypatch.setattr(pathlib.Path, "open", look)
    monkeypatch.setattr(pathlib.Path, "glob", look)
    monkeypatch.setattr(importlib.metadata, "version", look)
    assert table.deeds.state() == told
    assert (told["hello"]["version"], told["hello"]["voices"]) == (VERSION, VOICES)


@pytest.fixture
def queue(table):
    return table.stage.performance.queue


def test_controls_are_heeded_together_and_not_too_often(table):
    assert table.obey(set={"bpm": 90, "transpose": -12}) is None
    assert table.obey(set={"bpm": 100}, id=7) == {"answer": 7}
    assert table.deeds.controls == VOICED.controls
    table.desk.heed()
    first = table.deeds.controls
    assert (first.bpm, first.transpose) == (100.0, -12)
    assert table.desk.deadline is None
    table.obey(set={"bpm": 110})
    table.desk.heed()
    assert table.deeds.controls == first
    assert table.desk.deadline == pytest.approx(table.stage.clock.now + SET_SECONDS)
    table.stage.clock.now = table.desk.deadline
    table.desk.heed()
    assert table.deeds.controls.bpm == 110.0


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        ({"bpm": math.nan}, "bpm: nan is not a number from 20 to 300"),
        ({"bpm": 10**400}, "bpm: "),
        ({"bpm": True}, "bpm: True is not a number from 20 to 300"),
        ({"bpm": 90, "swing": 2}, "swing: 2 is out of range; give a number from 0 to 0.75"),
        ({"low": 80, "high": 40}, "low 80: is above high 40; give low <= high"),
        ({"style": "polka"}, "style 'polka': there are "),
        ({"style": ["bach"]}, "style: ['bach'] is no text; write it in quotes"),
        ({"style": "bach:0"}, "--style bach:0: "),
        ({"seed": 1}, "'seed': no control; there are bpm, "),
        ({"scale": "H major"}, "scale 'H major': "),
        ([1], "set: [1] is no object of at most 64"),
        (dict.fromkeys(map(str, range(65)), 1), "set: {"),
    ],
)
def test_wrong_controls_are_refused_and_none_is_moved(table, wishes, reason):
    answer = table.obey(id=1, set=wishes)
    assert answer.keys() == {"answer", "refused"}
    assert answer["refused"].startswith(reason)
    assert "\n" not in answer["refused"]
    assert table.desk.deadline is None


def test_controls_must_fit_those_that_wait_to_be_heeded(table):
    table.obey(set={"high": 60})
    assert table.obey(id=1, set={"low": 61})["refused"].startswith("low 61: is above high 60")


def test_play_and_stop_hold_the_music_and_let_it_go(table):
    performance = table.stage.performance
    for hold, go in (({"play": False}, {"play": True}), ({"stop": True}, {"continue": 1.0})):
        table.obey(**hold)
        assert table.deeds.state()["playing"] is False
        before = len(table.sent)
        table.run(3.0)
        assert len(table.sent) == before
        table.obey(**go)
        table.run(3.0)
        assert performance.transport.held is None
        assert len(table.sent) > before


def test_it_begins_anew_at_a_given_time(table, queue):
    table.run(1.0)  # there is a second phrase
    begin = table.stage.clock.now + 1.0
    assert table.obey(id=1, start=begin) == {"answer": 1}
    begins = [timed.time for timed in queue.messages if timed.message.type == "note_on"]
    assert begins[0] == pytest.approx(begin)


def test_the_next_tune_is_asked_for(table):
    table.obey(next=True)
    table.run(0.5)
    assert table.stage.link.requests[-1].tune == 1


def test_what_a_person_has_played_is_answered(table):
    now = table.stage.clock.now
    notes = [[now - 1.0, 0.5, 60, 90], [now - 0.5, 0.5, 64, 80], [0, 1, 20, 20]]
    table.obey(heard={"notes": notes, "end": now})
    table.run(0.5)
    (asked,) = [request for request in table.stage.link.requests if request.call]
    assert asked.call == 96
    assert [(n.onset, n.duration, n.pitch, n.velocity) for n in asked.history] == [
        (-96, 48, 60, 90),
        (-48, 48, 64, 80),
    ]


def test_panic_silences_at_once(table):
    table.obey(panic=True)
    assert [m.control for m in table.sent[-3:]] == [64, 123, 120]


def test_controllers_and_notes_are_passed_on_at_once(table):
    table.obey(cc={"cutoff": 100, "71": 5}, midi=[0x90, 60, 70])
    controllers, note = table.sent[-3:-1], table.sent[-1]
    assert [(m.control, m.value) for m in controllers] == [(74, 100), (71, 5)]
    assert note == mido.Message("note_on", note=60, velocity=70)


def test_the_tempo_of_others_is_followed(table, queue):
    line = {"time": table.stage.clock.now, "beat": 0, "bpm": 90}
    table.obey(follow=line)
    assert table.stage.performance.refill.tempo == 90
    assert {slot.phrase.bpm for slot in queue.slots()} == {90}


def test_outputs_and_voices_are_changed(table):
    assert table.obey(out=["null"], id=1) == {"answer": 1}
    assert table.deeds.state()["outputs"] == []  # it is awaited, by a thread
    assert table.obey(voice="commons", id=2) == {"answer": 2}
    (command,) = table.voices
    assert command[-1].endswith("commons.onnx")


def test_outputs_named_again_go_on_as_they_are(tmp_path):
    """A page names them all with each click; so does whoever sends OSC."""
    table = Table(Recorder())
    specs = [f"file:{tmp_path}/a.mid", "null"]
    table.obey(out=specs)
    while len(table.stage.outputs.names) < 2:
        ready = select.select(table.stage.outputs.files(), [], [], 30)[0]
        table.stage.outputs.attend(ready, table.stage.clock.now)
    before = threading.active_count()
    for count in range(50):
        table.run(0.1)
        assert table.obey(out=specs[:: 1 - 2 * (count % 2)], id=count) == {"answer": count}
        assert threading.active_count() == before
    assert sorted(table.stage.outputs.names) == sorted(specs)
    table.obey(out=["null"])
    table.stage.outputs.close()
    assert len(mido.MidiFile(tmp_path / "a.mid").tracks[0]) > 10


def test_a_flood_of_voices_starts_few_composers(table):
    answers = [table.obey(voice="commons", id=number) for number in range(1000)]
    assert answers[0] == {"answer": 0}
    assert {answer.get("refused") for answer in answers[1:]} == {
        "voice: it was changed a moment ago; ask again in a second"
    }
    table.run(handlers.VOICE_SECONDS)
    assert table.obey(voice="commons", id=1) == {"answer": 1}
    assert len(table.voices) == 2


def test_what_was_played_is_saved_and_rated_with_what_has_been_heard_of_the_phrase(table):
    table.run(0.1)
    assert table.obey(save=10, id=1) == {"answer": 1, "file": "/recordings/saved.mid"}
    assert table.obey(stars=5, id=2) == {"answer": 2, "file": "/recordings/rated.mid"}
    assert table.obey(stars={"stars": 4, "tune": 7}, id=3)["file"] == "/recordings/rated.mid"
    save, stars, tune = table.deeds._recorder.asked
    assert save[:2] == ("save", 10)
    assert stars[:3] == ("rate", 0, 5)
    assert tune[:3] == ("rate", 7, 4)
    slot = table.stage.performance.queue.current
    for *_, sounding in (save, stars, tune):
        assert sounding.source is slot.source
        assert sounding.begin == slot.begin
        heard = slot.tick_at(table.stage.clock.now)
        later = [note.onset for note in slot.source.notes if note.onset > heard]
        assert sounding.finish == slot.begin + min(later, default=slot.finish)


def test_a_notice_is_told(table):
    table.obey(notice="hello")
    table.run(0.5)
    assert "hello" in table.stage.onlooker.notices


def test_what_a_command_is_answered_stays_when_it_says_more(table):
    answer = table.obey(id=1, save=10, panic=True, notice="saved")
    assert answer == {"answer": 1, "file": "/recordings/saved.mid"}


WRONG = [
    ({"dance": True}, "'dance' is not known"),
    ({"play": 1}, "play: 1 is neither true nor false"),
    ({"save": math.inf}, "save: inf is no number from 0 to 1000000"),
    ({"stars": 6}, "stars: 6 is no whole number from 1 to 5"),
    ({"stars": {"stars": 6, "tune": 1}}, "stars: stars: 6 is no whole number from 1 to 5"),
    ({"stars": {"stars": 5, "tune": -1}}, "stars: tune: -1 is no whole number from 0"),
    ({"stars": {"stars": 5}}, "stars: tune: missing"),
    ({"out": []}, "out: [] is no list of 1 to 16"),
    ({"out": ["drum"]}, "--out drum: no such output"),
    ({"out": "null"}, "out: 'null' is no list"),
    ({"voice": "no such"}, "voice 'no such': unknown"),
    ({"voice": "a\0b"}, "voice: 'a\\x00b' is no printable text"),
    ({"cc": {"cutoff": 128}}, "cc: 128 is no whole number from 0 to 127"),
    ({"cc": {"wobble": 1}}, "cc 'wobble': no controller; give a number"),
    ({"midi": [0x90, 60]}, "midi: [144, 60] is no whole message for a channel"),
    ({"midi": [0xE0, 2]}, "midi: [224, 2] is no whole message"),
    ({"midi": [0xC0, 1, 2]}, "midi: [192, 1, 2] is no whole message"),
    ({"midi": [0xF8]}, "midi: [248] is no whole message"),
    ({"midi": [0xF0, 1, 0xF7]}, "midi: [240, 1, 247] is no whole message"),
    ({"midi": [0x90, 60, 200]}, "midi: [144, 60, 200] is no whole message"),
    ({"midi": [60, 60, 60]}, "midi: [60, 60, 60] is no whole message"),
    ({"midi": [0x90, 60, 0.5]}, "midi: 0.5 is no whole number"),
    ({"heard": {"notes": [], "end": 1}}, "heard: notes: [] is no list of 1 to 1000"),
    ({"heard": {"notes": [[1, 1, 60, 80]]}}, "heard: end: missing"),
    ({"heard": {"notes": [[1, 1, 60, 0]], "end": 2}}, "heard: notes: 0 is no whole number"),
    ({"follow": {"time": 1, "beat": 1, "bpm": math.nan}}, "follow: bpm: nan is no number"),
    ({"follow": {"time": 1, "beat": 1, "bpm": 0}}, "follow: bpm: 0 is no number from 20"),
    ({"start": -1}, "start: -1 is no number from 0"),
    ({"start": None}, "start: None is no number"),
    ({"continue": "now"}, "continue: 'now' is no number"),
    ({"notice": "two\nlines"}, "notice: 'two\\nlines' is no printable text"),
]


@pytest.mark.parametrize(("command", "reason"), WRONG)
def test_wrong_commands_are_refused_with_the_reason(table, command, reason):
    before = len(table.sent)
    answer = table.obey(**command)  # a refusal is told though nobody asked
    assert answer["answer"] is None
    assert reason in answer["refused"]
    assert len(table.sent) == before


def test_nothing_is_saved_where_nothing_is_recorded():
    table = Table()
    assert table.obey(id=1, save=1)["refused"].startswith("save: nothing is recorded")
    assert table.obey(id=1, stars=1)["refused"].startswith("stars: nothing was recorded")
    table.stage.outputs.close()


def test_what_the_machine_has_none_left_of_is_refused(table, monkeypatch, tmp_path):
    def no_thread(_):
        raise RuntimeError("can't start new thread")

    def no_file(*_):
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        # It is opened as soon as there is a thread that may wait for it.
        assert table.obey(out=[f"file:{tmp_path}/a.mid"], id=1) == {"answer": 1}
    before = table.deeds.state()
    monkeypatch.setattr(handlers, "header_of", no_file)
    assert table.obey(voice="session", id=2)["refused"] == "Too many open files; try again later"
    assert table.deeds.state() == before


ODD = (
    None, True, False, 0, 1, -1, 5, 64, 127, 128, 0.5, 1e9, 1e308, 10**400, -(10**30), math.nan,
    math.inf, -math.inf, "", "bach", "bach:0.5,jazz:0.5", "folk/jazz", "commons", "C minor",
    "\0", "\ud800", "é" * 999, [], [[]], {}, {"a": 1}, [60, 60, 60], [0x90, 60, 80], ["null"],
    [0xF0, 1, 0xF7], [0xC0, 3], {"cutoff": 9}, {"time": 1e12, "beat": -1e9, "bpm": 20},
    {"notes": [[1, 1, 60, 80]], "end": 2}, {"time": 0, "beat": 1e9, "bpm": 400},
)  # fmt: skip


def random_wishes(rng, now):
    wishes = {}
    for name in rng.sample(CONTROLS, rng.randint(0, 3)):
        low, high = RANGES.get(name, (0, 1))
        wishes[name] = rng.choice((rng.choice(ODD), rng.randint(int(low), int(high))))
    return wishes


def random_heard(rng, now):
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
    "set": random_wishes,
    "heard": random_heard,
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


def test_ten_thousand_random_commands_are_done_or_refused_and_the_music_plays_on(table):
    rng = random.Random(1)
    refused = 0
    for count in range(RANDOM_COMMANDS):
        command = random_command(rng, table.stage.clock.now)
        answer = table.desk.obey(command)
        if answer:
            document = json.loads(answer)
            assert document.keys() <= {"answer", "refused", "file"}
            reason = document.get("refused", "because")
            assert reason
            assert "\n" not in reason
            assert len(answer) < 20_000
            refused += "refused" in document
        if count % 20 == 0:
            table.run(0.05)
    assert RANDOM_COMMANDS / 10 < refused < RANDOM_COMMANDS
    now = table.stage.clock.now
    table.obey(follow={"time": now, "beat": 0, "bpm": 120})
    table.obey(start=now + 0.1)
    table.obey(set=dataclasses.asdict(Controls()) | {"style": ""})
    before = table.stage.performance.stats.notes
    table.run(10.0)
    assert table.stage.performance.stats.notes > before + 10
    assert table.deeds.controls == Controls()
