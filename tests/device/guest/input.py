"""input.py REPLUGS RESULT: pull a knob box out of a player and plug it in again, turning its knob.

The player starts first. Each time the box has other numbers. All that was seen goes as JSON to
the file RESULT; judging it is the test's work.
"""

import json
import os
import re
import signal
import sys
import time
from pathlib import Path

sys.path.append("/opt/perpetuum/site")

from gadget import Gadget
from lines import HOME, player, until
from receivers import client, raw_midi

START_SECONDS = 180
SECONDS = 30
KNOB, LOW, HIGH = 20, 100, 227
MAP = f'[[cc]]\nnumber = {KNOB}\ncontrol = "bpm"\nlow = {LOW}\nhigh = {HIGH}\n'
NAME = "Knob Box"
IDLE_SECONDS = 3
"""For which its processor time is measured while it waits for the box."""
TICKS = os.sysconf("SC_CLK_TCK")


def turn(value):
    """The knob as the box sends it."""
    path = until(lambda: raw_midi("[knobs"), SECONDS, "the box's own end")
    Path(path).write_bytes(bytes((0xB0, KNOB, value)))


def hand():
    """The process that hears the box."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        if b"stream.midi_in" in path.read_bytes():
            return path.parent
    return None


def processor_seconds(process):
    fields = (process / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def idle_share():
    """Of a processor, that the hand takes while nothing comes."""
    process = hand()
    before = processor_seconds(process)
    time.sleep(IDLE_SECONDS)
    return (processor_seconds(process) - before) / IDLE_SECONDS


def bpm(playing, moment, wished):
    """When the first phrase of this tempo has begun."""
    phrase = re.compile(rf"phrase .* bpm {wished} ")

    def began():
        lines = tuple(playing.lines)
        return next((at for at, line in lines if at > moment and phrase.match(line)), None)

    return until(began, SECONDS, f"bpm {wished}")


def session_of(box, playing, wished):
    """Plug the box in, turn its knob until the tempo is `wished`, and pull it out."""
    moment = time.monotonic()
    box.plug()
    address = until(lambda: client(NAME), SECONDS, "the box")
    returned = time.monotonic()
    found = playing.when(f"MIDI input: {NAME}", moment, SECONDS)
    listening = idle_share()
    turned = time.monotonic()
    turn(wished - LOW)
    obeyed = bpm(playing, turned, wished)
    pulled = time.monotonic()
    box.unplug()
    return {
        "address": address,
        "found": found - returned,
        "listening": listening,
        "obeyed": obeyed - turned,
        "noticed": playing.when("lost (it was unplugged)", pulled, SECONDS) - pulled,
    }


def main():
    replugs, result = int(sys.argv[1]), sys.argv[2]
    box = Gadget("midi.usb0", NAME, id="knobs")
    other = Gadget("midi.usb1", "Other Box", bus=1, id="other")
    HOME.mkdir(exist_ok=True)
    (HOME / "map.toml").write_text(MAP, encoding="ascii")
    began = time.monotonic()
    playing = player(["null"], "--input", "Knob", "--map", str(HOME / "map.toml"), "--record", "0")
    sessions = []
    try:
        playing.when("it is opened once it is available", began, START_SECONDS)
        playing.when("phrase 2", began, START_SECONDS)
        for number in range(replugs):
            waiting = idle_share()
            if number:
                (other.plug if number % 2 else other.unplug)()
                time.sleep(1)
            sessions.append({"waiting": waiting, **session_of(box, playing, LOW + number)})
        status = playing.end(signal.SIGTERM, SECONDS)
    finally:
        playing.process.kill()
    document = {"status": status, "sessions": sessions, "log": playing.lines}
    Path(result).write_text(json.dumps(document), encoding="utf-8")


if __name__ == "__main__":
    main()
