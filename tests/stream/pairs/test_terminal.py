"""The QR code in the live view, in a pseudo-terminal, and in the log of a service."""

import contextlib
import re
import subprocess

import pytest

from stream.pairs.qr_code import is_row, matrix_of, rows
from tests.stream.panel.fake_player import free_port
from tests.stream.play.view.screen import PLAY, ROOT, Screen


@pytest.fixture
def screen(tmp_path):
    """Starts the player in a terminal."""
    with contextlib.ExitStack() as leaving:

        def start(*flags, **options):
            found = Screen([*PLAY, "--record", "0", *flags], tmp_path, **options)
            leaving.callback(found.close)
            return found

        yield start


def test_a_key_shows_the_code_and_hides_it(screen):
    pytest.importorskip("aiohttp")
    shown = screen("--panel", f"0.0.0.0:{free_port()}", BROWSER="true")
    shown.wait_for("pairing code")
    shown.wait_for("p pair")
    shown.wait_for("phrase 1")
    url, code = re.search(r"(http://\S+) pairing code (\S+)", shown.text).groups()
    expected = rows(matrix_of(f"{url}/pair#{code}"))
    shown.type("p")
    shown.wait_for(expected[3])
    found = [line.strip() for line in shown.text.splitlines() if is_row(line.strip())]
    assert found == expected
    assert code in shown.text
    shown.type("p")
    shown.wait_for(expected[3], is_gone=True)
    shown.type("q")
    assert shown.end() == 0
    assert expected[3].encode() not in shown.said[shown.said.rfind(b"\x1b[?1049l") :]


def test_a_small_window_says_so(screen):
    pytest.importorskip("aiohttp")
    shown = screen("--panel", f"0.0.0.0:{free_port()}", width=80, height=20, BROWSER="true")
    shown.wait_for("p pair")
    shown.type("p")
    shown.wait_for("This window is too small for the QR code; 'perpetuum pairs add'")
    shown.type("q")
    assert shown.end() == 0


def test_where_no_pairing_is_needed_there_is_no_key(screen):
    pytest.importorskip("aiohttp")
    shown = screen("--panel", f"127.0.0.1:{free_port()}", BROWSER="true")
    shown.wait_for("http://127.0.0.1")
    shown.wait_for("phrase 1")
    assert "p pair" not in shown.text
    shown.type("q")
    assert shown.end() == 0


def test_a_service_writes_the_code_to_its_log(tmp_path):
    pytest.importorskip("aiohttp")
    command = [*PLAY, "--record", "0", "--minutes", "0.02", "--panel", f"0.0.0.0:{free_port()}"]
    environment = {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path), "PYTHONUTF8": "1"}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as player:
        lines = []
        for line in player.stderr:
            lines.append(line.rstrip("\n"))
            if lines[-1].startswith("█") and sum(map(is_row, lines)) >= 17:
                break
        player.terminate()
    address = next(line for line in lines if line.startswith("panel: "))
    url, code = re.search(r"(http://\S+) pairing code (\S+)", address).groups()
    assert [line for line in lines if is_row(line)] == rows(matrix_of(f"{url}/pair#{code}"))
