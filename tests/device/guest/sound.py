"""sound.py RESULT: play through FluidSynth while the host unplugs and plugs the sound card.

The file /share/playing tells the host to begin; the host makes /share/enough when it has ended.
"""

import json
import signal
import sys
import time
from pathlib import Path

sys.path.append("/opt/perpetuum/site")

from hotplug import RECORDING, START_SECONDS, recorded
from lines import player, until
from receivers import CARDS, Program

SECONDS = 60


def main():
    result = sys.argv[1]
    RECORDING.unlink(missing_ok=True)
    until(card, SECONDS, "a sound card")
    program = Program()
    program.plug()
    time.sleep(2)  # udev sets the card's group
    began = time.monotonic()
    playing = player(["fluidsynth", "port:aseqdump", f"file:{RECORDING}"])
    try:
        playing.when("phrase 1", began, START_SECONDS)
        Path("/share/playing").touch()
        changes = watch(playing)
        status = playing.end(signal.SIGTERM, SECONDS)
        time.sleep(0.5)
    finally:
        playing.process.kill()
        program.unplug()
    document = {
        "status": status,
        "changes": changes,
        "received": [(at, message.hex("")) for at, message in program.received],
        "recorded": recorded(),
        "log": playing.lines,
    }
    Path(result).write_text(json.dumps(document), encoding="utf-8")


def watch(playing):
    """Return when the card left (False) or returned (True), and how late the player noticed."""
    changes, there = [], True
    while not Path("/share/enough").exists():
        if card() != there:
            there = not there
            moment = time.monotonic()
            at = playing.when(
                "fluidsynth: connected" if there else "fluidsynth: lost", moment, SECONDS
            )
            changes.append((there, moment, at - moment))
        time.sleep(0.005)
    return changes


def card():
    """Return True if the sound card can be used."""
    return "Audio" in CARDS.read_text(encoding="utf-8") if CARDS.exists() else False


if __name__ == "__main__":
    main()
