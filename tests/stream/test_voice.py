import dataclasses
import hashlib
import json
import pathlib

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream import voice
from stream.errors import VoiceError
from stream.protobuf import with_property
from stream.voice import (
    StyleSpec,
    TensorSpec,
    VoiceSpec,
    append_spec,
    corpus_filter,
    find_voice,
    read_spec,
    replace_spec,
    shipped_voices,
    verify,
)

TINY = pathlib.Path(__file__).parents[1] / "data" / "tiny.onnx"
SPEC = VoiceSpec(
    name="one",
    kind="melody",
    heads=(13, 8, 11),
    states=(TensorSpec("rhn", (4,), "float32"), TensorSpec("position", (), "int64")),
    latent=2,
    tags=("style:a",),
    styles={"a": StyleSpec((0.0, 1.0), (1.0, 1.0), {"8x24": 1.0}, {"major": 1.0}, {"x": (1, 2)})},
    credits=("Nobody",),
)
MODEL = b"\x08\x08" + b"\x3a\x03abc" + b"\x15abcd" + b"\x11abcdefgh"
"""A protobuf message with a field of every wire type."""


def test_a_spec_is_read_as_it_was_written():
    read = verify(pathlib.Path("x"), append_spec(MODEL, SPEC))
    assert dataclasses.replace(read, digest="") == SPEC
    assert len(read.digest) == 64


def test_another_spec_takes_the_place_of_the_first():
    changed = dataclasses.replace(SPEC, name="two")
    replaced = replace_spec(append_spec(MODEL, SPEC), changed)
    assert replaced == append_spec(MODEL, changed)


def test_the_file_stays_a_valid_model():
    model = onnx.load(TINY)
    onnx.checker.check_model(model)
    properties = {p.key: p.value for p in model.metadata_props}
    assert json.loads(properties["perpetuum"])["name"] == "tiny"


DIGEST = hashlib.sha256(MODEL).hexdigest()


def read(data):
    try:
        return verify(pathlib.Path("v.onnx"), data)
    except VoiceError as error:
        return error


@given(st.data())
def test_any_flipped_bit_is_noticed(data):
    whole = append_spec(MODEL, SPEC)
    at = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.integers(0, 7))
    damaged = bytearray(whole)
    damaged[at] ^= 1 << bit
    outcome = read(bytes(damaged))
    # A word of the description can change unnoticed, never the graph.
    assert isinstance(outcome, VoiceError) or (outcome.digest == DIGEST and at >= len(MODEL))


@given(st.binary(max_size=200))
def test_noise_is_no_voice(noise):
    with pytest.raises(VoiceError, match=r"^voice n\.onnx: "):
        verify(pathlib.Path("n.onnx"), noise)


def test_every_truncation_is_noticed():
    whole = append_spec(MODEL, SPEC)
    for end in range(len(whole)):
        with pytest.raises(VoiceError):
            verify(pathlib.Path("t.onnx"), whole[:end])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 99}, "format version 99, this program reads 2"),
        ({"name": None, "styles": {"a": {}}}, "its description is incomplete"),
        ({"states": [1]}, "its description is incomplete"),
    ],
)
def test_a_wrong_description_is_refused(change, message):
    whole = append_spec(MODEL, SPEC)
    document = json.loads(whole[whole.index(b'{"name"') :]) | change
    value = json.dumps(document).encode()
    with pytest.raises(VoiceError, match=message):
        verify(pathlib.Path("w.onnx"), with_property(MODEL, voice.KEY, value))


def test_an_onnx_file_without_a_description_is_no_voice():
    with pytest.raises(VoiceError, match="an ONNX file but no voice"):
        verify(pathlib.Path("m.onnx"), MODEL)


def test_voices_are_found_by_name_and_by_path():
    assert find_voice(str(TINY)) == TINY
    for path in shipped_voices():
        assert find_voice(path.stem) == path
        assert read_spec(path).name == path.stem
    for name in ("nope", "no/such.onnx", "nope.onnx"):
        with pytest.raises(VoiceError, match=name):
            find_voice(name)


def test_shipped_voices_are_small_and_credited():
    voices = shipped_voices()
    assert voices
    assert sum(path.stat().st_size for path in voices) <= 3_000_000
    for path in voices:
        spec = read_spec(path)
        assert {"folk", "hymn", "bach", "jazz"} <= spec.styles.keys()
        assert any("Weimar Jazz Database" in line and "ODbL" in line for line in spec.credits)
        assert spec.quality["valid_bits_per_note"] < 4


def test_the_corpus_filter_travels_with_the_voice():
    whole = append_spec(MODEL, SPEC, b"bits")
    assert corpus_filter(whole) == b"bits"
    assert corpus_filter(append_spec(MODEL, SPEC)) == b""
    assert read(whole).name == SPEC.name
    damaged = whole.replace(b"bits", b"bats")
    assert isinstance(read(damaged), VoiceError)
    changed = replace_spec(whole, dataclasses.replace(SPEC, name="other"))
    assert (read(changed).name, corpus_filter(changed)) == ("other", b"bits")
