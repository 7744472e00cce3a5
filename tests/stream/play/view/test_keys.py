"""The keys of the live view, pressed on real pseudo-terminals, and how they are left."""

import os
import shutil
import signal
import socket
import sys
import time

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.play.view import keys
from stream.play.view.keys import KeyDecoder
from tests.stream.conftest import left_sounding
from tests.stream.play.view.screen import PATIENCE, PLAY, Screen

USUAL = (True, True)
"""Echo, and line by line."""
PICTURE = "ahead"
"""A word that every frame shows."""
FAULT = """
import sys
from stream.__main__ import main
from stream.play.view import live_view
draw, frames = live_view.frame, []
def broken(*scene):
    frames.append(1)
    if len(frames) > 9:
        raise ZeroDivisionError("a fault in the program")
    return draw(*scene)
live_view.frame = broken
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def screen(tmp_path):
    """Return a function that starts a program in a terminal."""
    screens = []

    def start(command, **options):
        screens.append(Screen(command, tmp_path, **options))
        return screens[-1]

    yield start
    for each in screens:
        each.close()


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ([b"nq"], "nq"),
        ([b"\x1b[A\x1b[15~\x1bOPn"], "n"),
        ([b"\x1b[1", b"5~", b"5"], "5"),
        ([b"\x1bO", b"P3"], "3"),
        ([b"\x1b", b"q"], "q"),
        ([b"\x1bx?"], "?"),
        ("é".encode(), "é"),
    ],
)
def test_other_keys_send_sequences_that_are_no_letters(sent, typed):
    decoder = KeyDecoder()
    data = [sent] if isinstance(sent, bytes) else sent
    assert "".join(decoder.decode(part) for part in data) == typed


@given(st.lists(st.sampled_from([b"\x1b[A", b"\x1b[15~", b"\x1b[1;5C", b"\x1bOQ", b"n", b"5"])))
def test_sequences_may_arrive_in_any_two_pieces(pressed):
    data = b"".join(pressed)
    typed = "".join(key.decode() for key in pressed if len(key) == 1)
    for cut in range(len(data) + 1):
        if data[:cut].endswith(b"\x1b"):
            continue  # Escape alone, a key of its own
        decoder = KeyDecoder()
        assert decoder.decode(data[:cut]) + decoder.decode(data[cut:]) == typed


def test_every_key(screen, tmp_path):
    shown = screen([*PLAY, "--record", "1", "--recordings", str(tmp_path / "kept")])
    shown.wait_for("phrase 1")
    assert shown.modes() == (False, False)
    shown.type("d")
    shown.wait_for("counters")
    shown.type("d")
    shown.wait_for("counters", is_gone=True)
    shown.type("?")
    shown.wait_for("silence every output")
    shown.type("?")
    shown.wait_for("silence every output", is_gone=True)
    shown.type("\x1b[A\x1b[B")
    shown.type(" ")
    shown.wait_for("paused")
    assert "space play" in shown.text
    shown.type("4")
    shown.wait_for("★★★★☆")
    if keys.KEEP in keys.KEYS:
        shown.type("k")
        shown.wait_for("this tune is kept")
    shown.type(" ")
    shown.wait_for("paused", is_gone=True)
    shown.type("n")
    shown.wait_for("the next tune is being composed")
    shown.wait_for("tune 2")
    shown.type("q")
    assert shown.end() == 0
    assert shown.is_restored()
    assert shown.modes() == USUAL
    assert list((tmp_path / "kept").iterdir())


def test_the_panel_and_its_pairing_code_stay_visible(screen):
    pytest.importorskip("aiohttp")
    with socket.socket() as free:
        free.bind(("", 0))
        port = free.getsockname()[1]
    panel = ["--panel", f"0.0.0.0:{port}"]
    shown = screen([*PLAY, "--record", "0", *panel], BROWSER="true")
    shown.wait_for("pairing code")
    assert any(line.startswith(" panel     http") for line in shown.text.splitlines())
    assert "to hear it, open the panel and tap Listen" in shown.text
    shown.type("q")
    assert shown.end() == 0


def test_what_a_key_asks_for_may_be_refused(screen):
    shown = screen([*PLAY, "--record", "0"])
    shown.wait_for("phrase 1")
    shown.type("3")
    shown.wait_for("nothing has been recorded")
    shown.type("q")
    assert shown.end() == 0


def test_a_key_is_named_and_bound_only_if_the_player_knows_its_command():
    from stream.play.control.command_schema import COMMANDS

    assert (keys.KEEP in keys.KEYS) == ("keep" in COMMANDS)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_restores_the_terminal(screen, number):
    shown = screen([*PLAY, "--record", "0"])
    shown.wait_for(PICTURE)
    os.kill(shown.pid, number)
    assert shown.end() == 0
    assert shown.is_restored()
    assert shown.modes() == USUAL


def test_a_crash_restores_the_terminal(screen):
    shown = screen([sys.executable, "-c", FAULT, *PLAY[3:], "--record", "0"])
    assert shown.end() != 0
    assert shown.is_restored()
    assert shown.modes() == USUAL
    assert "a fault in the program" in shown.text


def test_control_c_ends_it_as_ever(screen):
    shown = screen([*PLAY, "--record", "0"])
    shown.wait_for(PICTURE)
    shown.type("\x03")
    assert shown.end() == 0
    assert shown.modes() == USUAL


@pytest.fixture
def shell(screen):
    """Return a terminal with a shell that has job control."""
    if not shutil.which("bash"):
        pytest.skip("bash is missing")
    shown = screen(["bash", "--norc", "--noprofile", "-i"], PS1="$ ", PS0="")
    shown.wait_for("$")
    return shown


def test_control_z_leaves_the_terminal_to_the_shell_until_fg(shell):
    shell.type(f"{' '.join(PLAY)} --record 0\n")
    shell.wait_for("phrase 1")
    shell.type("\x1a")
    shell.wait_for("Stopped")
    assert shell.is_restored()
    shell.type("clear; stty -a\n")
    shell.wait_for("icanon")
    assert "-icanon" not in shell.text
    assert "-echo " not in shell.text
    shell.type("fg\n")
    shell.wait_for(PICTURE)
    shell.wait_for("paused", is_gone=True)
    assert shell.modes() == (False, False)
    shell.type("d")
    shell.wait_for("stalls 0")
    shell.type("q")
    shell.wait_for("q quit", is_gone=True)
    shell.type("clear; echo $((6*7))\n")
    shell.wait_for("42")
    assert shell.is_restored()


def test_no_note_sounds_while_the_program_is_stopped(shell, receiver):
    command = [*PLAY, "--record", "0"]
    command[command.index("null")] = f"serial:{receiver.device}"
    shell.type(f"{' '.join(command)}\n")
    shell.wait_for("phrase 1")
    with receiver.arrived:
        assert receiver.arrived.wait_for(lambda: len(receiver.bytes) > 90, timeout=PATIENCE)
    shell.type("\x1a")
    shell.wait_for("Stopped")
    with receiver.arrived:
        assert receiver.arrived.wait_for(
            lambda: not left_sounding(mido.parse_all(receiver.bytes)), timeout=PATIENCE
        )
        heard = len(receiver.bytes)
    shell.type("fg\n")
    with receiver.arrived:
        assert receiver.arrived.wait_for(lambda: len(receiver.bytes) > heard + 90, timeout=PATIENCE)
    shell.type("q")
    shell.wait_for("q quit", is_gone=True)


def test_in_the_background_the_keys_are_the_shells(shell):
    shell.type(f"{' '.join(PLAY)} --record 0 &\n")
    shell.wait_for("[1]")
    time.sleep(3.0)
    shell.type("qqq\x7f\x7f\x7fecho $((6*7)); jobs\n")
    shell.wait_for("42")
    shell.wait_for("Running")
    assert PICTURE not in shell.text
    shell.type("fg\n")
    shell.wait_for("phrase 1")
    shell.type("q")
    shell.wait_for("q quit", is_gone=True)


def test_without_a_terminal_for_input_no_key_is_read(screen):
    command = " ".join([*PLAY, "--record", "0"])
    shown = screen(["sh", "-c", f"exec {command} < /dev/null"])
    shown.wait_for("phrase 1")
    assert "Ctrl-C ends" in shown.text
    assert shown.modes() == (False, True)
    shown.type("q\n")
    shown.wait_for("phrase 2")
    shown.type("\x03")
    assert shown.end() == 0
    assert shown.modes() == USUAL


@pytest.mark.parametrize(
    "environment",
    [
        {"NO_COLOR": "1"},
        {"TERM": "dumb"},
        {"PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"},
        {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "LANG": "", "LC_CTYPE": ""},
    ],
)
def test_a_terminal_without_colors_or_utf_8_gets_lines(screen, environment):
    shown = screen([*PLAY, "--record", "0"], **environment)
    shown.wait_for("phrase 1 tune 0")
    shown.type("\x03")
    assert shown.end() == 0
    assert b"\x1b" not in shown.said
    assert shown.modes() == USUAL
