"""Outputs that are unplugged while they play and plugged in again, with a real kernel and drivers.

Everything happens inside a virtual machine; these tests judge its measurements.
"""

import itertools
import json
import random
import time

import mido
import pytest

from tests.device.machine import Machine

pytestmark = pytest.mark.timeout(900)

NOTICED_SECONDS = 1.0
REOPENED_SECONDS = 2.0
MARGIN_SECONDS = 0.3
"""Time of messages under way when the device is unplugged; an emulated machine is slow."""
SWING_SECONDS = 1.0
"""Largest delay of the receiver's thread in the machine."""
REPLUGS = 6
GUEST = "/source/tests/device/guest"
RESETS = [(64, 0), (123, 0), (120, 0)]
START_SECONDS = 200
IDLE_SHARE = 0.25
"""Largest share of an emulated processor for a waiting input process."""
LOUD = 100
"""Amplitude of 32,767 above a synthesizer's noise floor."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("share"))
    machine.run("modprobe snd-seq", 60)
    yield machine
    machine.close()


@pytest.mark.parametrize("kind", ["gadget", "program", "serial", "serial-by-id", "awaited"])
def test_an_output_returns_and_no_note_is_lost_or_stuck(machine, kind):
    seen = play(machine, kind)
    sessions = seen["sessions"]
    assert seen["status"] == 0
    assert len(sessions) == REPLUGS + 1
    assert max(each["noticed"] for each in sessions[:-1]) <= NOTICED_SECONDS
    assert max(each.get("reopened", 0.0) for each in sessions) <= REOPENED_SECONDS
    assert seen["stats"]["sinks_lost"] == REPLUGS
    assert seen["stats"]["sinks_back"] == REPLUGS + (kind == "awaited")
    if kind != "serial":
        addresses = [each["address"] for each in sessions]
        assert all(one != other for one, other in itertools.pairwise(addresses))
    check_everything_arrived(sessions, split(seen), seen["recorded"])
    check_silence(message for _, message in seen["received"])


def test_a_computer_receives_the_player_by_name_through_a_usb_cable(machine):
    seen = play(machine, "own", replugs=0)
    assert seen["status"] == 0
    assert [m for _, m in seen["received"]] == [m for _, m in seen["recorded"]]
    check_silence(message for _, message in seen["received"])


def test_a_sound_card_returns_and_the_other_outputs_play_on(machine):
    machine.plug_card()
    machine.run(f"python3 {GUEST}/sound.py /share/sound.json >/share/sound.log 2>&1 &", 10)
    wait_for(machine.share / "playing")
    rng = random.Random(5)
    for _ in range(REPLUGS):
        wait_for_sound(machine.share / "sound.wav")
        time.sleep(rng.uniform(0.3, 3))
        machine.unplug_card()
        time.sleep(rng.uniform(0.2, 3))
        (machine.share / "sound.wav").unlink()
        machine.plug_card()
    wait_for_sound(machine.share / "sound.wav")
    (machine.share / "enough").touch()
    seen = fetch(wait_for(machine.share / "sound.json"))
    report("fluidsynth", seen["changes"])
    assert seen["status"] == 0
    assert [there for there, _, _ in seen["changes"]] == [False, True] * REPLUGS
    assert max(late for there, _, late in seen["changes"] if not there) <= NOTICED_SECONDS
    assert max(late for there, _, late in seen["changes"] if there) <= REOPENED_SECONDS
    assert [m for _, m in seen["received"]] == [m for _, m in seen["recorded"]]
    check_silence(message for _, message in seen["received"])


def test_a_midi_controller_returns_and_waiting_for_it_costs_little(machine):
    machine.run(f"python3 {GUEST}/input.py {REPLUGS} /share/input.json", START_SECONDS + 360)
    seen = json.loads((machine.share / "input.json").read_text(encoding="utf-8"))
    report("input", seen["sessions"])
    assert seen["status"] == 0
    assert len(seen["sessions"]) == REPLUGS
    addresses = [each["address"] for each in seen["sessions"]]
    assert len(set(addresses)) > 1
    for each in seen["sessions"]:
        assert each["found"] <= REOPENED_SECONDS
        assert each["noticed"] <= NOTICED_SECONDS
        assert max(each["waiting"], each["listening"]) <= IDLE_SHARE


def play(machine, kind, replugs=REPLUGS):
    """Return the measurements with an output that is unplugged so many times."""
    command = f"python3 {GUEST}/hotplug.py {kind} {replugs} 1 /share/{kind}.json"
    machine.run(command, START_SECONDS + 60 * replugs)
    seen = fetch(machine.share / f"{kind}.json")
    report(kind, [(one.get("noticed"), one.get("reopened")) for one in seen["sessions"]])
    return seen


def fetch(path):
    """Return the document with its messages as mido objects."""
    seen = json.loads(path.read_text(encoding="utf-8"))
    for name in ("received", "recorded"):
        seen[name] = [(at, mido.Message.from_hex(text)) for at, text in seen[name]]
    return seen


def split(seen):
    """Return the messages received in each session."""
    starts = [each.get("plugged", 0.0) for each in seen["sessions"]]
    ends = [*starts[1:], float("inf")]
    return [
        [(at, message) for at, message in seen["received"] if start <= at < end]
        for start, end in zip(starts, ends, strict=True)
    ]


def check_everything_arrived(sessions, received, recorded):
    """Check that each session is a complete part of the recording."""
    end, zero, missing = 0, None, 0
    for index, (session, heard) in enumerate(zip(sessions, received, strict=True)):
        body = heard[count_resets(heard) :] if index else heard
        start, zero = locate(body, recorded, end, zero)
        missed = [zero + at for at, _ in recorded[end:start]]
        if index and missed:
            missing += len(missed)
            assert sessions[index - 1]["to"] - MARGIN_SECONDS < missed[0]
            assert missed[-1] < session["from"] + MARGIN_SECONDS
        end = start + len(body)
    assert end == len(recorded)
    assert missing, "the recording stood still while the output was away"


def count_resets(heard):
    """Return the number of leading messages that end old notes and reset the channels."""
    messages = [message for _, message in heard]
    offs = next(i for i, message in enumerate(messages) if message.type != "note_off")
    resets = messages[offs : offs + len(RESETS)]
    assert [(m.type == "control_change" and (m.control, m.value)) for m in resets] == RESETS
    return offs + len(RESETS)


def locate(body, recorded, earliest, zero):
    """Return the index of `body` in the recording, and the start time of the recording."""
    messages = [message for _, message in body]
    for start in range(earliest, len(recorded) - len(body) + 1):
        part = recorded[start : start + len(body)]
        began = body[0][0] - part[0][0] if zero is None else zero
        if [message for _, message in part] == messages and all(
            abs(began + at - heard) < SWING_SECONDS
            for (at, _), (heard, _) in zip(part, body, strict=True)
        ):
            return start, began
    raise AssertionError(f"not in the recording after index {earliest}: {messages}")


def check_silence(messages):
    """Check that no note is left on, and that a used channel is reset at the end."""
    sounding, last = set(), []
    for message in messages:
        if message.type == "note_on" and message.velocity:
            sounding.add((message.channel, message.note))
        elif message.type in {"note_on", "note_off"}:
            sounding.discard((message.channel, message.note))
        last = [*last, message][-len(RESETS) :]
    assert not sounding
    assert [(message.control, message.value) for message in last] == RESETS


def wait_for(path):
    """Wait until the file is complete, and return its path."""
    deadline = time.monotonic() + START_SECONDS
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} does not appear"
        time.sleep(0.1)
    time.sleep(0.5)
    return path


def wait_for_sound(path):
    """Wait until the card has played audible sound."""
    deadline = time.monotonic() + START_SECONDS
    while not (path.exists() and loud(path.read_bytes()[44:])):
        assert time.monotonic() < deadline, f"{path} is silent"
        time.sleep(0.1)


def loud(data):
    """Return True if 16-bit samples are louder than noise."""
    samples = memoryview(data[: len(data) // 2 * 2]).cast("h")
    return any(abs(sample) > LOUD for sample in samples)


def report(kind, figures):
    print(kind, json.dumps(figures))
