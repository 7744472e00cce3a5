import pathlib

import pytest

from stream.voices.kind import kind_of
from stream.voices.protobuf import with_property
from stream.voices.spec import KEY, MOST_SPEC_BYTES

DATA = pathlib.Path(__file__).parents[2] / "data"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("tiny", "melody"), ("tiny_chorale", "chorale"), ("tiny_sound", "audio"), ("nix", "")],
)
def test_the_kind_of_a_voice(name, kind):
    assert kind_of(DATA / f"{name}.onnx") == kind


def test_what_is_no_voice_has_none(tmp_path):
    (tmp_path / "a.onnx").write_bytes(b"\x00\x01nothing")
    assert kind_of(tmp_path / "a.onnx") == ""


def test_a_description_without_end_is_not_read(tmp_path):
    path = tmp_path / "long.onnx"
    begun = b'{"kind": "melody", "name": "'
    for more, kind in ((0, "melody"), (1, "")):
        name = b"x" * (MOST_SPEC_BYTES - len(begun) - 2 + more)
        path.write_bytes(with_property(b"", KEY, begun + name + b'"}'))
        assert kind_of(path) == kind
