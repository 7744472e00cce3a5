"""Composers that are killed and players that are stopped, at moments drawn at random."""

import contextlib
import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import mido

from stream.play.sinks.active_notes import ActiveNotes
from stream.play.sinks.base import Sink
from stream.play.sinks.router import Router
from tests.stream.conftest import DATA, Receiver, left_sounding, off, on
from tests.stream.play.test_player import ended, stream

PHRASE_BYTES = 6 * 29
"""Bytes of a longer phrase: a scale and a last note, three to begin and three to end each."""
FAULTS = [signal.SIGSTOP, signal.SIGKILL, signal.SIGABRT]
STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGKILL]
PLAY = """
import sys
from stream.__main__ import main
from stream.commands import play
play.composer_command = lambda voice: [sys.executable, sys.argv[1]]
sys.exit(main(sys.argv[2:]))
"""


def next_composer(player, harmed):
    """The process that composes, once it is a new one."""
    while player.poll() is None:
        found = subprocess.run(
            ["pgrep", "-P", str(player.pid)], capture_output=True, text=True, check=False
        )
        for composer in map(int, found.stdout.split()):
            if composer not in harmed:
                return composer
    raise AssertionError(player.stderr.read())


def recorded(path):
    track = mido.merge_tracks(mido.MidiFile(path).tracks)
    return [message for message in track if not message.is_meta]


def test_composers_that_are_killed_again_and_again(player, receiver, tmp_path):
    """The sent and the recorded music are those of an unharmed run."""
    chance, path, harmed = random.Random(4), tmp_path / "a.mid", []
    child = player(60, "", f"serial:{receiver.device}", f"file:{path}")
    for number, fault in enumerate(FAULTS):
        receiver.wait_for(PHRASE_BYTES * number + chance.randrange(60))
        harmed.append(next_composer(child, harmed))
        os.kill(harmed[-1], fault)
    next_composer(child, harmed)
    receiver.wait_for(PHRASE_BYTES * (len(FAULTS) + 1))
    child.send_signal(signal.SIGTERM)
    code, stats, _ = ended(child)
    messages = receiver.messages()
    assert (code, stats["restarts"], stats["hangs"], stats["repeats"]) == (0, 3, 1, 0)
    assert messages[:-3] == stream(8)[: len(messages) - 3]
    assert [m.hex() for m in recorded(path)] == [m.hex() for m in messages]


def test_a_note_is_remembered_until_its_end_was_sent(tmp_path):
    """Killed at any moment, the player has left behind what may sound."""

    class Witness(Sink):
        seen = ()

        def _write(self, timed):
            table = next(tmp_path.iterdir()).read_bytes()
            self.seen += (table[60],)

    witness = Witness("witness")
    outputs = Router([witness], active_notes=ActiveNotes(tmp_path, ["witness"]))
    for timed in (on(0.0, 60), off(0.5, 60), on(1.0, 62)):
        outputs.send(timed)
    assert witness.seen == (1, 1, 0)
    outputs.close()


def test_no_note_is_left_on(tmp_path):
    """All notes end with a player; after a SIGKILL `perpetuum silence` ends them."""
    cases = [(tmp_path / f"{number}", STOPS[number % len(STOPS)]) for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(begun_by_stopped, *zip(*cases, strict=True))) > len(cases)


def begun_by_stopped(folder, stop):
    """Notes that began before a player was stopped after a random number of bytes."""
    folder.mkdir()
    receiver, path = Receiver(), folder / "a.mid"
    with start(folder, "play", "--out", f"serial:{receiver.device}", f"--out=file:{path}") as one:
        receiver.wait_for(random.Random(folder.name).randrange(100))
        one.send_signal(stop)
    if stop == signal.SIGKILL:
        with start(folder, "silence"):
            pass
    messages = receiver.messages()
    assert not left_sounding(messages)
    if path.exists() and path.stat().st_size:
        assert stop == signal.SIGKILL or not left_sounding(recorded(path))
    return sum(message.type == "note_on" for message in messages)


@contextlib.contextmanager
def start(folder, *arguments):
    """Run the command line with the composer of the tests, to its end."""
    tempo = ["--bpm", "300", "--seed", "1"] if "play" in arguments else []
    environment = {
        **os.environ,
        "PYTHONPATH": str(DATA.parents[1]),
        "XDG_RUNTIME_DIR": str(folder),
    }
    command = [sys.executable, "-c", PLAY, str(DATA / "fake_composer.py"), *arguments, *tempo]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        yield process
        process.wait(60)
