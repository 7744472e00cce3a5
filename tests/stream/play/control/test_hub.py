"""Controllers receive the notices of other controllers, but not their secrets."""

import dataclasses
import json

from stream.play.control.handlers import Handlers
from stream.play.control.hub import EVENT_SECONDS, ControllerHub
from stream.play.observer import CompositeObserver
from tests.data.stage import SESSION, Stage

VOICED = dataclasses.replace(SESSION, voice="commons")
PAIRING = "panel: http://192.0.2.1:8765/ pairing code ABCD-EFGH"


class FakeController:
    """A controller without a process: it gives the commands of the test, and stores events."""

    deadline = None

    def __init__(self, *commands):
        self.commands = list(commands)
        self.received = []

    def files(self):
        return []

    def read(self, ready):
        commands, self.commands = self.commands, []
        return commands

    def send(self, line):
        self.received.append(line)

    def restart_if_due(self, now):
        return False

    def notices(self):
        events = [json.loads(line) for line in self.received if line]
        return [event["notice"] for event in events if "notice" in event]


def test_a_secret_is_shown_to_the_owner_and_sent_to_no_controller():
    panel, osc = FakeController({"secret": PAIRING}, {"notice": "panel: here"}), FakeController()
    stage = Stage(VOICED)
    hub = ControllerHub([panel, osc])
    stage.performance._observer = CompositeObserver((stage.onlooker, hub))
    handlers = Handlers(stage.performance, stage.link, stage.outputs, VOICED, None)
    hub.connect(handlers, stage.clock)
    stage.run(1.0)
    hub.process_ready([], stage.clock.now)
    stage.run(1.0)
    assert stage.onlooker.notices == [PAIRING, "panel: here"]
    for controller in (panel, osc):
        assert controller.notices() == ["panel: here"]
        assert "ABCD-EFGH" not in b"".join(controller.received).decode()


def test_state_is_sent_when_it_changes_and_a_snapshot_every_third_time():
    controller = FakeController()
    stage = Stage(VOICED)
    hub = ControllerHub([controller])
    moments = []

    class Watch(CompositeObserver):
        def refresh(self, moment):
            moments.append(moment)
            return super().refresh(moment)

    stage.performance._observer = Watch((stage.onlooker,))
    stage.run(1.0)
    handlers = Handlers(stage.performance, stage.link, stage.outputs, VOICED, None)
    hub.connect(handlers, stage.clock)
    sent = []
    for _ in range(6):
        controller.received.clear()
        assert hub.refresh(moments[-1]) == moments[-1].now + EVENT_SECONDS
        sent.append([name for line in controller.received for name in json.loads(line)])
    assert {"hello", "controls", "playing", "outputs"} <= set(sent[0])
    assert sent[1:] == [[], ["moment"], [], [], ["moment"]]


def test_nothing_is_sent_before_the_hub_is_connected():
    stage = Stage(VOICED)
    controller = FakeController()
    stage.performance._observer = CompositeObserver((stage.onlooker, ControllerHub([controller])))
    stage.run(1.0)
    assert controller.received == []


class FakeKeyboard:
    """Keys without a terminal."""

    def __init__(self, *commands):
        self.commands = list(commands)
        self.answers = []
        self.is_closed = False

    def files(self):
        return ["keys"]

    def read(self, ready):
        commands, self.commands = self.commands, []
        return commands

    def answer(self, line):
        self.answers.append(json.loads(line) if line else {})

    def close(self):
        self.is_closed = True


def test_keys_are_commands_and_receive_answers_but_no_events():
    stage = Stage(VOICED)
    keyboard = FakeKeyboard({"play": False}, {"id": "s", "stars": {"stars": 9, "tune": 0}})
    hub = ControllerHub([], keyboard)
    stage.performance._observer = CompositeObserver((stage.onlooker, hub))
    handlers = Handlers(stage.performance, stage.link, stage.outputs, VOICED, None)
    hub.connect(handlers, stage.clock)
    assert hub.files() == ["keys"]
    stage.run(1.0)
    hub.process_ready(["keys"], stage.clock.now)
    assert stage.performance.transport.paused_at is not None
    assert keyboard.answers[0] == {}
    assert "9" in keyboard.answers[1]["refused"]
    hub.process_ready([], stage.clock.now)
    assert len(keyboard.answers) == 2
    hub.close()
    assert keyboard.is_closed
