"""The whole player, played by OSC: what is nonsense changes nothing, what is sense is heard."""

import contextlib
import os
import random
import signal
import subprocess
import sys

import mido

from tests.stream.conftest import DATA, Receiver, left_sounding
from tests.stream.osc.test_process import Surface, free_port, noise

PLAY = """
import sys
from stream.__main__ import main
from stream.commands import play
play.composer_command = lambda voice: [sys.executable, sys.argv[1]]
sys.exit(main(sys.argv[2:]))
"""
LOWER = 36


def heard(receiver):
    """All that has come so far."""
    return mido.parse_all(bytes(receiver.bytes))


def lowest(messages):
    return min(message.note for message in messages if message.type == "note_on")


def test_music_plays_on(tmp_path):
    port, choice = free_port(), random.Random(2)
    receiver = Receiver()
    arguments = [
        f"--out=serial:{receiver.device}", f"--osc=127.0.0.1:{port}", "--bpm=300", "--record=0",
        "--responsive",
    ]  # fmt: skip
    player = subprocess.Popen(
        [sys.executable, "-c", PLAY, str(DATA / "fake_composer.py"), "play", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(DATA.parents[1]), "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    surface = Surface(port)
    with player, contextlib.closing(receiver), contextlib.closing(surface.socket):
        surface.subscribe()
        surface.send("unsubscribe")
        receiver.wait_for(6)
        for _ in range(10_000):
            surface.socket.sendto(noise(choice), surface.to)
        receiver.wait_for(len(receiver.bytes) + 60)
        before = lowest(heard(receiver))
        # Sent again and again: a full buffer loses what comes.
        for _ in range(300):
            surface.send("transpose", float(-LOWER))
            receiver.wait_for(len(receiver.bytes) + 6)
            if lowest(heard(receiver)) <= before - LOWER + 12:
                break
        assert player.poll() is None, player.stderr.read()
        player.send_signal(signal.SIGTERM)
        _, complaints = player.communicate(timeout=30)
        messages = receiver.messages()
    assert (player.returncode, "Traceback" in complaints) == (0, False), complaints
    assert lowest(messages) <= before - LOWER + 12
    assert left_sounding(messages) == set()
