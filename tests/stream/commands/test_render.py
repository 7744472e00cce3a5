import pathlib

import pytest

from stream.__main__ import main
from tests.stream.compose.conftest import TINY

DATA = pathlib.Path(__file__).parents[2] / "data"


def test_the_bytes_that_every_machine_renders(tmp_path):
    """`tests/device/test_install.py` compares the same on 64-bit ARM."""
    made = tmp_path / "made.mid"
    voice = str(DATA / "tiny.onnx")
    assert main(["render", "--voice", voice, "--seed", "7", "--minutes", "2", str(made)]) == 0
    assert made.read_bytes() == (DATA / "tiny.mid").read_bytes(), "tests/data/make_golden.py"


@pytest.mark.parametrize("name", ["a.mid", "a.wav"])
@pytest.mark.parametrize("voice", [TINY, TINY.with_name("tiny_sound.onnx")])
def test_a_file_that_is_there_is_not_replaced(tmp_path, capsys, name, voice):
    path = tmp_path / name
    path.write_bytes(b"precious")
    assert main(["render", str(path), "--minutes", "0.1", "--voice", str(voice)]) == 2
    assert capsys.readouterr().err == (
        f"perpetuum: render {path}: already exists, and is not replaced; name another file,"
        " or move this one away\n"
    )
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [path]
