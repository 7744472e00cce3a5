"""The controller as a whole: a child process, a serial line or a port, and a fake player."""

import asyncio
import contextlib
import itertools
import os
import random
import shutil
import subprocess
import time
import tty
from statistics import median

import pytest

from tests.stream.midi_in.conftest import until

ON, OFF = b"\x90\x3c\x50", b"\x80\x3c\x00"


@pytest.fixture
def line(tmp_path):
    """A serial line: where to write to it, and the device that is its other end."""
    with contextlib.ExitStack() as leaving:

        def plug(name="line"):
            master, slave = os.openpty()
            tty.setraw(slave)
            device = tmp_path / name
            device.unlink(missing_ok=True)
            device.symlink_to(os.ttyname(slave))
            leaving.callback(device.unlink, missing_ok=True)
            return master, slave, device

        yield plug


def knobs(**more):
    return {"map": {"cc": [{"number": 74, "control": "temperature"}]}, **more}


def test_notes_buttons_and_transport_on_a_line(start, line):
    master, _, device = line()
    player = start(input=f"serial:{device}", thru=True, **knobs(answer="answer"))
    assert player.receive(1) == [{"notice": f"MIDI input: serial:{device}"}]
    os.write(master, b"\xb0\x4a\x7f" + b"\xfc" + ON)
    told = player.receive(4)
    assert told == [
        {"set": {"temperature": 3.0}, "id": 1},
        {"play": False},
        {"play": False},
        {"midi": [0x90, 60, 80]},
    ]
    os.write(master, OFF)
    end, heard, play = player.receive(3)
    assert end == {"midi": [0x80, 60, 0]}
    assert play == {"play": True}
    ((_, duration, pitch, velocity),) = heard["call"]["notes"]
    assert (pitch, velocity) == (60, 80)
    assert 0 < duration < 8
    player.send({"answer": 1, "refused": "no such voice"})
    assert player.receive(1) == [{"notice": "MIDI input: no such voice"}]
    assert player.close() == (0, "")


def send_clocks(send, beats):
    """Start, so many beats at 120 bpm, stop."""
    begin = time.monotonic() + 0.1
    send(b"\xfa")
    for k in range(24 * beats + 1):
        until(begin + k / 48)
        send(b"\xf8")
    send(b"\xfc")


def followed(player, beats):
    """Check what is told of such clocks, whatever a busy machine has done to their times."""
    commands = []
    for command in player.commands():
        commands.append(command)
        if "stop" in command:
            break
    start, *lines, stop = commands
    assert set(start) == {"start"}
    assert stop == {"stop": True}
    ticks = [line["follow"]["beat"] * 24 for line in lines]
    assert ticks == [round(tick) for tick in ticks]
    assert beats * 24 - 12 < ticks[-1] <= beats * 24
    assert all(later - tick >= 6 for tick, later in itertools.pairwise(ticks))
    assert median(line["follow"]["bpm"] for line in lines) == pytest.approx(120, rel=0.1)


def test_a_line_is_followed(start, line):
    master, _, device = line()
    player = start(input=f"serial:{device}", clock="follow")
    player.receive(1)
    send_clocks(lambda data: os.write(master, data), 2)
    followed(player, 2)


def test_a_line_that_is_not_there_is_awaited_and_one_that_was_lost_comes_back(
    start, line, tmp_path, monkeypatch
):
    missing = tmp_path / "line"
    player = start(input=f"serial:{missing}", thru=True)
    ((word, text),) = player.receive(1)[0].items()
    assert word == "notice"
    assert text.endswith("; it is opened when it becomes available")
    master, slave, device = line()
    assert player.receive(1) == [{"notice": f"MIDI input: serial:{device}"}]
    os.write(master, ON)
    assert player.receive(1) == [{"midi": [0x90, 60, 80]}]
    device.unlink()
    os.close(slave)
    os.close(master)
    end, lost = player.receive(2)
    assert end == {"midi": [0x80, 60, 0]}
    assert "lost" in lost["notice"]
    line()
    assert player.receive(1) == [{"notice": f"MIDI input: serial:{device}"}]
    assert player.close() == (0, "")


def test_ten_thousand_random_bytes_and_messages(start, line):
    chance = random.Random(5)
    master, _, device = line()
    player = start(input=f"serial:{device}", clock="follow", **knobs(answer="duet", thru=True))
    player.receive(1)
    for _ in range(100):
        os.write(master, chance.randbytes(100))
        player.send({"moment": {"now": 1.0}})
        for _ in player.commands(0):
            pass
    os.write(master, b"\xb0\x4a\x7f")
    assert {"set": {"temperature": 3.0}, "id": 1} in player.commands()
    assert player.close() == (0, "")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"clock": "follow", "input": "", "map": ""}, "--clock follow: needs a MIDI input"),
        ({"answer": "maybe"}, "--answer: 'maybe' is not one of off, answer, duet, seed"),
        ({"map": {"cc": [{}]}}, "--map: cc 1: None is not a control"),
        ({"input": "serial:"}, "--input serial:: not a device with a rate"),
        ({"input": "virtual:"}, "--input virtual:: has no name"),
    ],
)
def test_wrong_settings(start, settings, said):
    player = start(**settings)
    ((word, text),) = player.receive(1)[0].items()
    assert word == "notice"
    assert text.startswith(said)
    assert list(player.commands()) == []
    assert player.close() == (2, "")  # the player says it: once


async def _lead():
    """Lead a Link session: at some moments (s), its beat; None where nobody comes."""
    import aalink

    leader = aalink.Link(97.0)
    leader.quantum = 4.0
    leader.enabled = True
    for _ in range(100):
        await asyncio.sleep(0.05)
        if leader.num_peers:
            break
    else:
        return None
    leader.tempo = 133.0
    await asyncio.sleep(1.5)
    return time.monotonic(), leader.beat


def test_a_link_session_with_another_peer(start):
    pytest.importorskip("aalink", reason="aalink cannot be loaded", exc_type=ImportError)
    player = start(clock="link")
    place = asyncio.run(_lead())
    if place is None:
        pytest.skip("two Link peers do not find each other on this machine")
    first, *others = player.commands(0.2)
    assert first == {"notice": "Link: following the session"}
    then, beat = place
    lines = [other["follow"] for other in others if "follow" in other]
    at_once = [line for line in lines if then - 0.5 < line["time"] < then]
    assert at_once
    for line in at_once:
        assert line["bpm"] == pytest.approx(133.0, abs=0.01)
        ahead = line["beat"] + (then - line["time"]) * line["bpm"] / 60
        # Peers agree on the phase of a bar, and on its beat to less than two milliseconds.
        assert abs((ahead - beat + 2) % 4 - 2) < 0.005
    assert player.close() == (0, "")


@pytest.fixture
def sender(jack):
    """Another JACK client, with a MIDI output."""
    import rtmidi

    clients = []

    def start(name):
        client = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=name)
        client.open_virtual_port("out")
        clients.append(client)
        return client

    yield start
    for client in clients:
        if not client.is_deleted:
            client.delete()


needs_jack = pytest.mark.skipif(not shutil.which("jackd"), reason="jackd is not installed")


@needs_jack
def test_the_clock_of_another_jack_client(start, sender):
    box = sender("box")
    player = start(input="box", clock="follow")
    (there,) = player.receive(1)
    assert there == {"notice": "MIDI input: box:out"}
    send_clocks(lambda data: box.send_message(list(data)), 4)
    followed(player, 4)


@needs_jack
def test_a_jack_port_that_goes_and_comes_back(start, sender):
    box = sender("organ")
    player = start(input="organ", thru=True)
    assert player.receive(1) == [{"notice": "MIDI input: organ:out"}]
    box.delete()
    (lost,) = player.receive(1)
    assert lost == {"notice": "organ:out: lost (it was unplugged); plug it in again"}
    box = sender("organ")
    assert player.receive(1) == [{"notice": "MIDI input: organ:out"}]
    box.send_message(list(ON))
    assert player.receive(1) == [{"midi": [0x90, 60, 80]}]


@needs_jack
def test_a_port_of_our_own(start, sender):
    player = start(input="virtual:keys", thru=True)
    assert player.receive(1) == [{"notice": "MIDI input: virtual:keys"}]
    box = sender("piano")
    subprocess.run(["jack_connect", "piano:out", "Perpetuum:keys"], check=True)
    box.send_message(list(ON))
    assert player.receive(1) == [{"midi": [0x90, 60, 80]}]


@needs_jack
def test_a_port_that_is_not_available_is_opened_once_it_is(start, sender):
    player = start(input="late", thru=True)
    (missing,) = player.receive(1)
    assert missing["notice"].startswith("--input late: no MIDI input contains this in its name")
    assert missing["notice"].endswith("; it is opened when it becomes available")
    sender("late")
    assert player.receive(1) == [{"notice": "MIDI input: late:out"}]
