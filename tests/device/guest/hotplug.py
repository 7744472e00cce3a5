"""hotplug.py KIND REPLUGS SEED RESULT: pull a player's output out and plug it in again.

KIND says which output: `gadget` (a USB-MIDI device), `program` (a client of the sequencer),
`serial` or `serial-by-id` (a USB serial device), or `awaited` (as `gadget`, but the player starts
first). All that was seen goes as JSON to the file RESULT; judging it is the test's work.
"""

import json
import random
import signal
import sys
import time
from pathlib import Path

sys.path.append("/opt/perpetuum/site")

import mido
import rtmidi
from gadget import Gadget
from lines import player, until
from receivers import Device, Program, raw_midi

RECORDING = Path("/tmp/recording.mid")
STATS = Path("/tmp/stats.json")
START_SECONDS = 180
SECONDS = 20
"""Far beyond what is allowed: what came late is measured as well."""
NAME = "Volca Test"


class Midi:
    """A USB-MIDI device; another one, plugged in now and then, takes its numbers."""

    out = "port:Volca"

    def __init__(self):
        self._gadget = Gadget("midi.usb0", NAME, id="volca")
        self._other = Gadget("midi.usb1", "Other Box", bus=1, id="other")
        self._occupied = False
        receiver = Device(lambda: raw_midi("volca"))
        self.received = receiver.received

    def address(self):
        """What the system lists it as, number and all; empty while it is not there."""
        clients = Path("/proc/asound/seq/clients").read_text(encoding="utf-8").splitlines()
        return next((line for line in clients if f'"{NAME}"' in line), "")

    def plug(self):
        self._gadget.plug()

    def unplug(self):
        self._gadget.unplug()

    def shuffle(self):
        """While it is out: see to it that it gets other numbers when it comes back."""
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
        clients = Path("/proc/asound/seq/clients").read_text(encoding="utf-8").splitlines()
        return next((line for line in clients if '"aseqdump"' in line), "")

    def shuffle(self):
        self._others.append(rtmidi.MidiOut(rtmidi.API_LINUX_ALSA, name=f"Other {time.monotonic()}"))

    def clear(self):
        self.unplug()


class Serial:
    """A USB serial device, known by a number or by its name."""

    def __init__(self, path):
        self._path = Path(path)
        self.out = f"serial:{path}"
        self._gadget = Gadget("acm.usb0", NAME)
        self._other = Gadget("acm.usb1", "Other Box", bus=1) if "by-id" in path else None
        self._occupied = False
        receiver = Device(lambda: "/dev/ttyGS0")
        self.received = receiver.received

    def address(self):
        return str(self._path.resolve()) if self._path.exists() else ""

    def plug(self):
        self._gadget.plug()

    def unplug(self):
        self._gadget.unplug()

    def shuffle(self):
        if self._other is None:
            return
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


def main():
    kind, replugs, seed, result = sys.argv[1:]
    chance = random.Random(int(seed))
    device = {
        "gadget": Midi,
        "awaited": Midi,
        "program": Software,
        "serial": lambda: Serial("/dev/ttyACM0"),
        "serial-by-id": lambda: Serial("/dev/serial/by-id/usb-Perpetuum_Volca_Test_1-if00"),
    }[kind]()
    RECORDING.unlink(missing_ok=True)
    if kind != "awaited":
        device.plug()
        until(device.address, SECONDS, "the device")
        time.sleep(1)  # udev gives it to its group
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
            time.sleep(chance.uniform(0.3, 3))
            sessions[-1] |= loss_of(device, playing)
            time.sleep(chance.uniform(0.2, 1.5))
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
    """`returned`: when the system lists it; `reopened`: so long after that the player is back."""
    moment = time.monotonic()
    device.plug()
    address = until(device.address, SECONDS, "the device")
    returned = time.monotonic()
    at = playing.when(": there", moment, SECONDS)
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
    """Seconds from the first message, and the message."""
    now, events = 0.0, []
    for message in mido.MidiFile(RECORDING):
        now += message.time
        if not message.is_meta:
            events.append((now, message.hex("")))
    return events


if __name__ == "__main__":
    main()
