import pathlib

from stream.__main__ import main

DATA = pathlib.Path(__file__).parents[2] / "data"


def test_the_bytes_that_every_machine_renders(tmp_path):
    """`tests/device/test_install.py` compares the same on 64-bit ARM."""
    made = tmp_path / "made.mid"
    voice = str(DATA / "tiny.onnx")
    assert main(["render", "--voice", voice, "--seed", "7", "--minutes", "2", str(made)]) == 0
    assert made.read_bytes() == (DATA / "tiny.mid").read_bytes(), "tests/data/make_golden.py"
