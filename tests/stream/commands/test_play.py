import pathlib

from stream.__main__ import main

VOICE = str(pathlib.Path(__file__).parents[2] / "data" / "tiny.onnx")


def test_counters_that_can_not_be_written_are_told_once_and_before_all_else(capfd, tmp_path):
    place = tmp_path / "none" / "stats.json"
    arguments = ["play", "--voice", VOICE, "--out", "null", "--record", "0", "--stats", str(place)]
    assert main(arguments) == 2
    reason = "cannot be written (No such file or directory)"
    remedy = "name a file in a folder that exists and that you may write to"
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", f"perpetuum: --stats {place}: {reason}; {remedy}\n")
