import pathlib

import pytest

from stream.kind import kind_of

DATA = pathlib.Path(__file__).parents[1] / "data"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("tiny", "melody"), ("tiny_chorale", "chorale"), ("tiny_sound", "audio"), ("nix", "")],
)
def test_the_kind_of_a_voice(name, kind):
    assert kind_of(DATA / f"{name}.onnx") == kind


def test_what_is_no_voice_has_none(tmp_path):
    (tmp_path / "a.onnx").write_bytes(b"\x00\x01nothing")
    assert kind_of(tmp_path / "a.onnx") == ""
