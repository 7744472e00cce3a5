"""The hand as a process: UDP on one side, the player's socket on the other."""

import contextlib
import json
import os
import random
import select
import socket
import struct
import subprocess
import sys

import pytest

from stream.osc.datagram import datagram, messages

SECONDS = 30
HELLO = {"hello": {"voice": "commons", "voices": ["commons"]}}


class Player:
    """The player's end, with a process that hears OSC at `address`."""

    def __init__(self, address, **settings):
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(SECONDS)
        document = json.dumps({"address": address, **settings})
        start = f'exec 3<&{theirs.fileno()}; exec "$0" -m stream.osc "$1"'
        self.process = subprocess.Popen(
            ["bash", "-c", start, sys.executable, document],
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        theirs.close()
        self.commands = self.socket.makefile("r", encoding="utf-8")

    def say(self, event):
        self.socket.sendall(json.dumps(event).encode() + b"\n")

    def next(self):
        return json.loads(self.commands.readline())

    def close(self):
        self.commands.close()
        self.socket.close()
        with self.process:
            return self.process.wait(SECONDS)


def free_port():
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Surface:
    """What a musician plays: sends to the hand and hears its answers."""

    def __init__(self, port):
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.settimeout(SECONDS)
        self.socket.bind(("127.0.0.1", 0))
        self.to = ("127.0.0.1", port)

    def send(self, name, *values):
        self.socket.sendto(datagram(f"/perpetuum/{name}", values), self.to)

    def subscribe(self):
        """Wait until we are heard."""
        self.socket.settimeout(0.05)
        for _ in range(SECONDS * 20):
            self.send("subscribe")
            with contextlib.suppress(TimeoutError, ConnectionError):
                self.hear("subscribed")
                break
        self.socket.settimeout(SECONDS)

    def next(self):
        (message,) = messages(self.socket.recv(65536))
        return message

    def hear(self, name):
        """The values of the next message of this name."""
        while (message := self.next())[0] != f"/perpetuum/{name}":
            pass
        return message[1]


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def player(port):
    player = Player(f"127.0.0.1:{port}")
    player.say(HELLO)
    yield player
    player.close()


@pytest.fixture
def surface(port, player):
    """One that is heard: the process has bound its socket."""
    surface = Surface(port)
    with contextlib.closing(surface.socket):
        surface.subscribe()
        yield surface


def until(player, surface, name, value):
    """Commands up to the one that does this. UDP loses what a full buffer does not take."""
    commands = []
    for _ in range(SECONDS * 20):
        surface.send(name, value)
        while select.select([player.socket], [], [], 0.05)[0]:
            commands.append(player.next())
            if commands[-1].get(name, commands[-1].get("set", {}).get(name)) == value:
                return commands
    raise TimeoutError


def test_a_control_moves_and_is_told(player, surface):
    surface.send("bpm", 90.0)
    assert player.next() == {"set": {"bpm": 90.0}, "id": 1}
    player.say({"answer": 1})
    player.say({"controls": {"bpm": 90.0}})
    assert surface.hear("state/bpm") == (90.0,)


def test_refusals_come_back_with_the_reason(player, surface):
    surface.send("bpm", 1000.0)
    reason = "bpm: 1000.0 is out of range; give a number from 20 to 300, or auto"
    assert surface.hear("refused") == (reason,)
    surface.send("cc/cutoff", 80)
    assert player.next() == {"cc": {"cutoff": 80}, "id": 1}
    player.say({"answer": 1, "refused": "cc 'cutoff': no controller"})
    assert surface.hear("refused") == ("cc 'cutoff': no controller",)
    surface.send("save", 5)
    assert player.next() == {"save": 5, "id": 2}
    player.say({"answer": 2, "file": "/music/a.mid"})
    assert surface.hear("saved") == ("a.mid",)


def test_a_flood_becomes_a_few_and_ends_at_the_last_value(player, surface):
    for step in range(2000):
        surface.send("swing", step / 4000)
    moves = [command["set"]["swing"] for command in until(player, surface, "swing", 0.75)]
    assert len(moves) < 200
    assert moves == sorted(moves)


def noise(choice):
    """One of 10,000 datagrams that may come."""
    good = [
        datagram(
            f"/perpetuum/{choice.choice(('bpm', 'out', 'cc/x', 'subscribe', 'style'))}", values
        )
        for values in (
            (),
            (choice.uniform(-1e9, 1e9),),
            ("x" * choice.randrange(50),),
            (1, 2.0, "a"),
        )
    ]
    content = bytearray(choice.choice(good))
    match choice.randrange(5):
        case 0:
            return choice.randbytes(choice.randrange(200))
        case 1:
            content[choice.randrange(len(content))] = choice.randrange(256)
        case 2:
            del content[choice.randrange(len(content)) :]
        case 3:
            size = choice.choice((len(content), -4, -1, 0, 2**31 - 1))
            return b"#bundle\0" + bytes(8) + struct.pack(">i", size) + content
        case 4:
            return b"/perpetuum/bpm\0\0," + choice.randbytes(choice.randrange(60))
    return bytes(content)


def test_ten_thousand_random_datagrams(player, surface):
    choice = random.Random(1)
    surface.send("unsubscribe")
    for _ in range(10_000):
        surface.socket.sendto(noise(choice), surface.to)
    for command in until(player, surface, "stars", 5)[:-1]:
        assert command.keys() <= {"set", "out", "cc", "stars", "id"}
    assert player.process.poll() is None


def test_it_ends_with_the_player(player, surface):
    assert player.close() == 0


def test_who_is_named_is_told_everything(port):
    surface = Surface(port)
    with contextlib.closing(surface.socket):
        host, own = surface.socket.getsockname()
        player = Player(f"127.0.0.1:{port}", reply=f"{host}:{own}")
        player.say({"notice": "hello"})
        assert surface.next() == ("/perpetuum/notice", ("hello",))
        assert player.close() == 0


@pytest.mark.parametrize(
    ("settings", "notice", "status"),
    [
        (
            {"address": "nowhere"},
            "osc nowhere: not an address; write a host and a port from 1 to",
            2,
        ),
        ({"address": "127.0.0.1:1", "adress": ""}, "osc: 'adress' is not known", 2),
        ({"address": "127.0.0.1:1", "reply": "x"}, "osc reply x: not an address", 2),
        # What may be there later: it is to be started again.
        ({"address": "192.0.2.1:9000"}, "osc 192.0.2.1:9000: cannot be bound (Cannot assign", 1),
        ({"address": "127.0.0.1.9:9000"}, "osc 127.0.0.1.9:9000: ", 1),
    ],
)
def test_what_can_not_be_heard_is_said(settings, notice, status):
    player = Player(**settings)
    assert player.next()["notice"].startswith(notice)
    assert player.close() == status


def test_a_port_that_is_taken(port):
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        player = Player(f"127.0.0.1:{port}")
        assert "cannot be bound (Address already in use)" in player.next()["notice"]
        assert player.close() == 1


def test_an_open_address_is_warned_of():
    player = Player(f"0.0.0.0:{free_port()}")
    assert "OSC has no authentication" in player.next()["notice"]
    assert player.close() == 0
