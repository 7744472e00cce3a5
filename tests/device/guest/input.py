"""input.py REPLUGS RESULT: unplug a player's MIDI controller, plug it in again, and turn its knob.

The player starts first. Each time the controller has other numbers. The measurements go as JSON to
the file RESULT; the test judges them.
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
"""Time for which the waiting process's processor time is measured."""
TICKS = os.sysconf("SC_CLK_TCK")


def turn(value):
    """Send the value of the knob as the controller does."""
    path = until(lambda: raw_midi("[knobs"), SECONDS, "the controller's own end")
    Path(path).write_bytes(bytes((0xB0, KNOB, value)))


def input_process():
    """Return the /proc folder of the process that reads the controller."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        if b"stream.midi_in" in path.read_bytes():
            return path.parent
    return None


def processor_seconds(process):
    fields = (process / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def idle_share():
    """Return the share of a processor that this process takes while nothing arrives."""
    process = input_process()
    before = processor_seconds(process)
    time.sleep(IDLE_SECONDS)
    return (processor_seconds(process) - before) / IDLE_SECONDS


def bpm(playing, moment, tempo):
    """Return the time at which the first phrase of this tempo began."""
    phrase = re.compile(rf"phrase .* bpm {tempo} ")

    def began():
        lines = tuple(playing.lines)
        return next((at for at, line in lines if at > moment and phrase.match(line)), None)

    return until(began, SECONDS, f"bpm {tempo}")


def session_of(box, playing, tempo):
    """Plug the controller in, turn its knob until the tempo is `tempo`, and unplug it."""
    moment = time.monotonic()
    box.plug()
    address = until(lambda: client(NAME), SECONDS, "the controller")
    returned = time.monotonic()
    found = playing.when(f"MIDI input: {NAME}", moment, SECONDS)
    listening = idle_share()
    turned = time.monotonic()
    turn(tempo - LOW)
    obeyed = bpm(playing, turned, tempo)
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
        playing.when("it is opened when it becomes available", began, START_SECONDS)
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
