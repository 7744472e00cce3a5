import os
import signal
import subprocess
import sys
import tty

import pytest

MAP = '[[cc]]\nnumber = 1\ncontrol = "bpm"\n'


@pytest.fixture
def line():
    """A serial line: where to write to it, and the name of its other end."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


@pytest.fixture
def learn(line, tmp_path):
    path = tmp_path / "map.toml"

    def start(*arguments):
        command = [sys.executable, "-m", "stream", "learn", *arguments]
        command += ["--input", f"serial:{line[1]}", "--map", str(path)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)

    return start, path


def test_a_knob_is_learnt(learn, line):
    start, path = learn
    path.write_text(MAP)
    with start("temperature") as child:
        asked = child.stdout.readline()
        os.write(line[0], b"\xb1\x4a\x01\x4a\x02\xf8\x4a\x03")
        output, error = child.communicate(timeout=30)
    assert asked == f"serial:{line[1]}: turn the knob for temperature (Ctrl-C: cancel)\n"
    assert output == (
        f"{path}: controller 74 on channel 2 moves temperature from 0.1 to 3;"
        f" play with --map {path}\n"
    )
    assert (child.returncode, error) == (0, "")
    assert path.read_text() == (
        f'{MAP}\n[[cc]]\nnumber = 74\ncontrol = "temperature"\nchannel = 2\n'
    )
    assert list(path.parent.iterdir()) == [path]


def test_ctrl_c_leaves_the_file_as_it_was(learn, line):
    start, path = learn
    path.write_text(MAP)
    with start("next") as child:
        child.stdout.readline()
        os.write(line[0], b"\xb0\x4a\x00")
        child.send_signal(signal.SIGINT)
        output, error = child.communicate(timeout=30)
    assert (output, error, child.returncode) == ("", "", 0)
    assert path.read_text() == MAP


def test_nobody_turns_anything(learn):
    start, path = learn
    with start("next", "--seconds", "0.2") as child:
        error = child.communicate(timeout=30)[1]
    assert child.returncode == 2
    assert "no controller was moved within 0.2 s; is it the right --input?" in error
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tempo"], "perpetuum: learn: 'tempo' is not a control; use bpm, "),
        (["bpm", "--seconds", "soon"], "perpetuum: --seconds soon: not a number above 0"),
        (["bpm", "--seconds", "nan"], "perpetuum: --seconds nan: not a number above 0"),
    ],
)
def test_wrong_wishes(learn, arguments, said):
    start, _ = learn
    with start(*arguments) as child:
        output, error = child.communicate(timeout=30)
    assert (output, child.returncode) == ("", 2)
    assert error.startswith(said)
    assert error.count("\n") == 1
