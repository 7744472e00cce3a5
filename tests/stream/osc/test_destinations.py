"""To whom anything is sent: this machine, who asks and can hear it, and hosts that are listed."""

import pytest

from stream.control.trusted_hosts import Hosts
from stream.errors import SettingsError
from stream.osc.commands import OscCommands
from stream.osc.datagram import datagram, messages
from stream.osc.server import Server

FAR, LISTED, NEAR = ("192.0.2.7", 4000), ("192.0.2.20", 4000), ("127.0.0.1", 4000)
HOSTS = Hosts.of(["192.0.2.20"], "osc_to")
NOTICE = {"notice": "wrote /home/ada/music/a.mid"}


class Wire:
    """A socket that hears datagrams of anybody, and keeps what was sent to whom."""

    def __init__(self):
        self.waiting = []
        self.sent = []

    def setblocking(self, value):
        """It never waits."""

    def recvfrom(self, size):
        if not self.waiting:
            raise BlockingIOError
        return self.waiting.pop(0)

    def sendto(self, content, to):
        self.sent.append((content, to))


class Player:
    """In place of the line to the player: keeps commands."""

    def __init__(self):
        self.commands = []

    def send(self, command):
        self.commands.append(dict(command))


class Stage:
    def __init__(self):
        self.wire, self.player = Wire(), Player()
        self.server = Server(self.player, self.wire, HOSTS)

    def hear(self, sender, name, *values):
        """What is sent back to a message of `sender`, and to whom."""
        self.wire.waiting.append((datagram(f"/perpetuum/{name}", values), sender))
        self.wire.sent.clear()
        self.server._receive()
        self.server._forward()
        return self.told()

    def told(self):
        sent = [(to, *messages(content)[0]) for content, to in self.wire.sent]
        return [(to, address.removeprefix("/perpetuum/"), values) for to, address, values in sent]

    def happens(self, event):
        self.wire.sent.clear()
        self.server._handle_event(event)
        return self.told()


@pytest.mark.parametrize("who", [NEAR, LISTED])
def test_this_machine_and_who_is_listed_are_told_at_once(who):
    stage = Stage()
    assert stage.hear(who, "subscribe") == [(who, "subscribed", (600.0,))]
    assert stage.happens(NOTICE) == [(who, "notice", ("wrote a.mid",))]


def test_a_forged_subscription_has_nothing_sent_but_a_key():
    stage = Stage()
    shortest = len(datagram("/perpetuum/subscribe", ()))
    for _ in range(50):
        for (_, name, _), (content, _) in zip(
            stage.hear(FAR, "subscribe"), stage.wire.sent, strict=True
        ):
            assert (name, len(content) <= shortest) == ("confirm", True)
    assert stage.happens(NOTICE) == []
    for nonsense in ((), (1,), (0,), ("x",), (1.5, 9), (1, "x")):
        assert stage.hear(FAR, "confirm", *nonsense) == []
    for wrong in (("bpm", 9999), ("nothing",), ("save", -1), ("subscribe", 0)):
        assert stage.hear(FAR, *wrong) == []
    assert stage.happens(NOTICE) == []


def test_who_sends_its_key_back_is_told():
    stage = Stage()
    ((to, name, key),) = stage.hear(FAR, "subscribe", 5000)
    assert (to, name) == (("192.0.2.7", 5000), "confirm")
    assert stage.hear(FAR, "confirm", *key) == []  # that is the key of another port
    assert stage.hear(("192.0.2.8", 5000), "confirm", *key) == []
    assert stage.hear(FAR, "confirm", *key, 5000) == [(to, "subscribed", (600.0,))]
    assert stage.happens(NOTICE) == [(to, "notice", ("wrote a.mid",))]
    assert [name for _, name, _ in stage.hear(FAR, "bpm", 9999)] == ["refused"]


def test_forged_subscribers_take_no_places():
    stage = Stage()
    for number in range(100):
        stage.hear((f"192.0.2.{number + 30}", 1), "subscribe")
    assert stage.hear(NEAR, "subscribe") == [(NEAR, "subscribed", (600.0,))]


def test_a_saved_file_is_told_by_its_name():
    stage = Stage()
    stage.hear(NEAR, "save", 5)
    assert stage.player.commands == [{"save": 5, "id": 1}]
    assert stage.happens({"answer": 1, "file": "/home/my music/a.mid"}) == [
        (NEAR, "saved", ("a.mid",))
    ]


@pytest.mark.parametrize(
    ("output", "asker"),
    [
        ("osc:127.0.0.1:9", "192.0.2.7"),
        ("osc:localhost:9", ""),
        ("osc:[::1]:9", "192.0.2.7"),
        ("osc:192.0.2.7:9", "192.0.2.7"),
        ("osc:192.0.2.7:9", "::ffff:192.0.2.7"),
        ("osc:192.0.2.20:9", "192.0.2.7"),
    ],
)
def test_notes_go_to_these(output, asker):
    assert OscCommands(HOSTS).command("/perpetuum/out", [output], asker) == {"out": [output]}


@pytest.mark.parametrize("host", ["192.0.2.8", "255.255.255.255", "nobody.invalid", "3221225991"])
def test_notes_go_nowhere_else(host):
    with pytest.raises(SettingsError, match="only this machine, your own machine and the hos"):
        OscCommands(HOSTS).command("/perpetuum/out", [f"osc:{host}:9"], "192.0.2.7")


def test_an_output_that_was_taken_away_can_be_given_back():
    commands = OscCommands()
    serial = "serial:/dev/ttyAMA0@38400"
    with pytest.raises(SettingsError, match="not available through OSC"):
        commands.command("/perpetuum/out", [serial])
    commands.update({"outputs": [serial, "null"]})
    assert commands.command("/perpetuum/out", ["null"]) == {"out": ["null"]}
    commands.update({"outputs": ["null"]})
    assert commands.command("/perpetuum/out", [serial, "null"]) == {"out": [serial, "null"]}
    with pytest.raises(SettingsError, match="not available through OSC"):
        commands.command("/perpetuum/out", ["serial:/dev/ttyS0"])


def test_a_recording_goes_on_and_can_be_named():
    commands = OscCommands()
    commands.update({"outputs": ["file:/home/ada/a.mid", "port:X"]})
    both = {"out": ["null", "file:/home/ada/a.mid"]}
    assert commands.command("/perpetuum/out", ["null"]) == both
    assert commands.command("/perpetuum/out", ["null", "file:a.mid"]) == both
