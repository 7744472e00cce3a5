"""What hands are told of what other hands say: notices, but no secrets."""

import dataclasses
import json

from stream.play.control.handlers import Handlers
from stream.play.control.hub import EVENT_SECONDS, ControllerHub
from stream.play.observer import CompositeObserver
from tests.data.stage import SESSION, Stage

VOICED = dataclasses.replace(SESSION, voice="commons")
TOLD = "panel: http://192.0.2.1:8765/ pairing code ABCD-EFGH"


class Hand:
    """In place of a process: says what it is given, and keeps what it is told."""

    deadline = None

    def __init__(self, *commands):
        self.commands = list(commands)
        self.told = []

    def files(self):
        return []

    def read(self, ready):
        said, self.commands = self.commands, []
        return said

    def tell(self, line):
        self.told.append(line)

    def tend(self, now):
        return False

    def notices(self):
        events = [json.loads(line) for line in self.told if line]
        return [event["notice"] for event in events if "notice" in event]


def test_a_secret_is_told_to_the_owner_and_to_no_hand():
    panel, osc = Hand({"secret": TOLD}, {"notice": "panel: here"}), Hand()
    stage = Stage(VOICED)
    hands = ControllerHub([panel, osc])
    stage.performance._observer = CompositeObserver((stage.onlooker, hands))
    deeds = Handlers(stage.performance, stage.link, stage.outputs, VOICED, None)
    hands.serve(deeds, stage.clock)
    stage.run(1.0)
    hands.attend([], stage.clock.now)
    stage.run(1.0)
    assert stage.onlooker.notices == [TOLD, "panel: here"]
    for hand in (panel, osc):
        assert hand.notices() == ["panel: here"]
        assert "ABCD-EFGH" not in b"".join(hand.told).decode()


def test_what_happens_is_told_and_every_third_time_how_it_goes():
    hand = Hand()
    stage = Stage(VOICED)
    hands = ControllerHub([hand])
    moments = []

    class Watch(CompositeObserver):
        def refresh(self, moment):
            moments.append(moment)
            return super().refresh(moment)

    stage.performance._observer = Watch((stage.onlooker,))
    stage.run(1.0)
    deeds = Handlers(stage.performance, stage.link, stage.outputs, VOICED, None)
    hands.serve(deeds, stage.clock)
    told = []
    for _ in range(6):
        hand.told.clear()
        assert hands.refresh(moments[-1]) == moments[-1].now + EVENT_SECONDS
        told.append([name for line in hand.told for name in json.loads(line)])
    assert {"hello", "controls", "playing", "outputs"} <= set(told[0])
    assert told[1:] == [[], ["moment"], [], [], ["moment"]]


def test_before_it_serves_there_is_nothing_to_tell():
    stage = Stage(VOICED)
    hand = Hand()
    stage.performance._observer = CompositeObserver((stage.onlooker, ControllerHub([hand])))
    stage.run(1.0)
    assert hand.told == []
