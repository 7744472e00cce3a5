"""hotplug.py KIND REPLUGS SEED RESULT: unplug a player's output and plug it in again.

KIND is the output: `gadget` (a USB-MIDI device), `program` (a client of the sequencer), `serial` or
`serial-by-id` (a USB serial device), `awaited` (as `gadget`, but the player starts first), or `own`
(the computer for which the player is the USB-MIDI device, by gadget.sh). The measurements go as
JSON to the file RESULT; the test judges them.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.append("/opt/perpetuum/site")

import mido
import rtmidi
from gadget import Gadget
from lines import player, until
from receivers import Device, Program, client, raw_midi

RECORDING = Path("/run/play/recording.mid")
STATS = Path("/run/play/stats.json")
START_SECONDS = 180
SECONDS = 20
"""Longest wait, far beyond the allowed time, so that late events are measured as well."""
NAME = "Volca Test"


class Usb:
    """A USB device; another one, plugged in from time to time, takes its numbers."""

    def __init__(self, gadget, other, device):
        self._gadget = gadget
        self._other = other
        self._occupied = False
        self.received = device.received
        self.plug, self.unplug = gadget.plug, gadget.unplug

    def shuffle(self):
        """Make sure that the unplugged device gets other numbers when it returns."""
        if self._occupied:
            self._other.unplug()
        else:
            self._other.plug()
        self._occupied = not self._occupied
        time.sleep(1)

    def clear(self):
        self._gadget.unplug()
        if self._occupied:
            self._other.unplug()


class Midi(Usb):
    """A USB-MIDI device."""

    out = "port:Volca"

    def __init__(self):
        gadget = Gadget("midi.usb0", NAME, id="volca")
        other = Gadget("midi.usb1", "Other Box", bus=1, id="other")
        super().__init__(gadget, other, Device(lambda: raw_midi("[volca")))

    def address(self):
        """Return the system's listing of it with its number; empty while it is unplugged."""
        return client(NAME)


class Serial(Usb):
    """A USB serial device with a path by number or by name."""

    def __init__(self, path):
        gadget = Gadget("acm.usb0", NAME)
        # A device by number must keep its number; a device by name may get another.
        other = Gadget("acm.usb1", "Other Box", bus=1) if "by-id" in path else Nothing()
        super().__init__(gadget, other, Device(lambda: "/dev/ttyGS0"))
        self._path = Path(path)
        self.out = f"serial:{path}"

    def address(self):
        return str(self._path.resolve()) if self._path.exists() else ""


class Nothing:
    """A missing second device."""

    def plug(self):
        """Do nothing."""

    unplug = plug


class Software:
    """A program that receives MIDI; other clients take its numbers."""

    out = "port:aseqdump"

    def __init__(self):
        self._program = Program()
        self._others = []
        self.plug, self.unplug = self._program.plug, self._program.unplug

    @property
    def received(self):
        return self._program.received

    def address(self):
        return client("aseqdump")

    def shuffle(self):
        # Take its own number, and those that the player released when it lost the program.
        for _ in range(4):
            self._others.append(rtmidi.MidiOut(rtmidi.API_LINUX_ALSA, name="Other"))

    def clear(self):
        self.unplug()


class Own:
    """The computer for which the player is the device, under the player's name."""

    out = "port:f_midi"

    def __init__(self):
        Gadget.prepare()
        self.received = Device(lambda: raw_midi("USB-Audio - Perpetuum")).received

    def address(self):
        """Return the listing when the computer has found the device."""
        return client("Perpetuum") and client("f_midi")

    def plug(self):
        self._gadget("start")

    def clear(self):
        self._gadget("stop")

    def _gadget(self, verb):
        environment = os.environ | {"PERPETUUM_UDC": "dummy_udc.0"}
        script = "/source/firmware_configs/gadget.sh"
        subprocess.run(["sh", script, verb], env=environment, check=True)


def main():
    kind, replugs, seed, result = sys.argv[1:]
    rng = random.Random(int(seed))
    device = {
        "gadget": Midi,
        "awaited": Midi,
        "own": Own,
        "program": Software,
        "serial": lambda: Serial("/dev/ttyACM0"),
        "serial-by-id": lambda: Serial("/dev/serial/by-id/usb-Perpetuum_Volca_Test_1-if00"),
    }[kind]()
    RECORDING.unlink(missing_ok=True)
    if kind != "awaited":
        device.plug()
        until(device.address, SECONDS, "the device")
        time.sleep(1)  # udev sets its group
    began = time.monotonic()
    flags = ("--absent", "await", "--stats", str(STATS))
    playing = player([device.out, f"file:{RECORDING}"], *flags)
    sessions = []
    try:
        if kind == "awaited":
            playing.when("phrase 2", began, START_SECONDS)
            sessions.append(return_of(device, playing))
        else:
            until(lambda: notes_since(device, began), START_SECONDS, "a note")
            sessions.append({"from": began, "address": device.address()})
        for _ in range(int(replugs)):
            time.sleep(rng.uniform(0.3, 3))
            sessions[-1] |= loss_of(device, playing)
            time.sleep(rng.uniform(0.2, 1.5))
            device.shuffle()
            sessions.append(return_of(device, playing))
        time.sleep(2)
        sessions[-1]["to"] = time.monotonic()
        status = playing.end(signal.SIGTERM, SECONDS)
        time.sleep(0.5)
    finally:
        playing.process.kill()
        device.clear()
    document = {
        "status": status,
        "sessions": sessions,
        "received": [(at, message.hex("")) for at, message in tuple(device.received)],
        "recorded": recorded(),
        "stats": json.loads(STATS.read_text(encoding="utf-8")),
        "log": playing.lines,
    }
    Path(result).write_text(json.dumps(document), encoding="utf-8")


def loss_of(device, playing):
    moment = time.monotonic()
    device.unplug()
    noticed = playing.when("lost", moment, SECONDS)
    return {"to": moment, "noticed": noticed - moment}


def return_of(device, playing):
    """Plug the device in; measure when the system lists it, and when the player plays again."""
    moment = time.monotonic()
    device.plug()
    address = until(device.address, SECONDS, "the device")
    returned = time.monotonic()
    at = playing.when(": connected", moment, SECONDS)
    until(lambda: notes_since(device, at), SECONDS, "a note")
    return {
        "from": at,
        "plugged": moment,
        "returned": returned,
        "reopened": at - returned,
        "address": address,
    }


def notes_since(device, moment):
    return any(at >= moment and m.type == "note_on" for at, m in tuple(device.received))


def recorded():
    """Return the messages of the recording with their times in seconds."""
    now, events = 0.0, []
    for message in mido.MidiFile(RECORDING):
        now += message.time
        if not message.is_meta:
            events.append((now, message.hex("")))
    return events


if __name__ == "__main__":
    main()
