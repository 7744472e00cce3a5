import dataclasses
import json
import pathlib
import re

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import VoiceError
from stream.voices import spec as voice
from stream.voices.audio_spec import AudioSpec
from stream.voices.protobuf import with_property
from stream.voices.spec import (
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
    with_seal,
)

TINY = pathlib.Path(__file__).parents[2] / "data" / "tiny.onnx"
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
    assert verify(pathlib.Path("x"), append_spec(MODEL, SPEC)) == SPEC


def test_noise_is_one_number_a_head_unless_it_is_told():
    """Voices of before this field was there tell nothing of it."""
    document = voice.document_of(SPEC)
    assert document.pop("noise") == SPEC.noise == 3
    older = with_seal(with_property(MODEL, voice.KEY, json.dumps(document).encode()))
    assert verify(pathlib.Path("x"), older) == SPEC
    wide = dataclasses.replace(SPEC, noise=7588)
    assert verify(pathlib.Path("x"), append_spec(MODEL, wide)) == wide


def test_another_spec_takes_the_place_of_the_first():
    changed = dataclasses.replace(SPEC, name="two")
    replaced = replace_spec(append_spec(MODEL, SPEC), changed)
    assert replaced == append_spec(MODEL, changed)


def test_the_file_stays_a_valid_model():
    model = onnx.load(TINY)
    onnx.checker.check_model(model)
    properties = {p.key: p.value for p in model.metadata_props}
    assert json.loads(properties["perpetuum"])["name"] == "tiny"


def read(data):
    try:
        return verify(pathlib.Path("v.onnx"), data)
    except VoiceError as error:
        return error


@given(st.data())
def test_any_flipped_bit_is_noticed(data):
    whole = append_spec(MODEL, SPEC)
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = bytearray(whole)
    damaged[at] ^= 1 << data.draw(st.integers(0, 7))
    assert isinstance(read(bytes(damaged)), VoiceError)


@given(st.binary(min_size=1, max_size=9))
def test_whatever_follows_the_seal_is_noticed(tail):
    assert isinstance(read(append_spec(MODEL, SPEC) + tail), VoiceError)


@given(st.binary(max_size=200))
def test_noise_is_no_voice(noise):
    with pytest.raises(VoiceError, match=r"^voice n\.onnx: "):
        verify(pathlib.Path("n.onnx"), noise)


def test_every_truncation_is_noticed():
    whole = append_spec(MODEL, SPEC)
    for end in range(len(whole)):
        with pytest.raises(VoiceError):
            verify(pathlib.Path("t.onnx"), whole[:end])


def described(change):
    """A voice whose description is changed, under a seal that holds."""
    document = json.loads(json.dumps(voice.document_of(SPEC))) | change
    return with_seal(with_property(MODEL, voice.KEY, json.dumps(document).encode()))


STYLE = json.loads(json.dumps(voice.document_of(SPEC)))["styles"]["a"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 99}, "format version 99, this program reads 3"),
        ({"format_version": 2, "digest": ""}, "format version 2, this program reads 3"),
        ({"name": None}, "invalid (name: None is not text)"),
        ({"name": "a\nb"}, r"invalid (name: 'a\nb' is not printable text)"),
        ({"nome": "one"}, "invalid ('nome' is not known)"),
        ({"states": [1]}, "invalid (states: 1 is not an object)"),
        (
            {"states": [{"name": "x", "shape": [10**9], "dtype": "int64"}]},
            "not a whole number from 1",
        ),
        ({"styles": {"a": {}}}, "invalid ('mean')"),
        (
            {"styles": {"a": STYLE | {"mean": [1]}}},
            "style a: its mean or spread does not have 2 dimensions",
        ),
        ({"styles": {"a": STYLE | {"points": "AAA="}}}, "its points do not have 2 dimensions"),
        ({"styles": {"a": STYLE | {"metres": {"8x7": 1}}}}, "no such form|8x7"),
        ({"styles": {"a": STYLE | {"metres": {"8x25": 1}}}}, "must be a multiple of 12"),
        ({"styles": {"a": STYLE | {"forms": {"abc": 0}}}}, "no share is above 0"),
        ({"styles": {"a": STYLE | {"spread": [1, float("nan")]}}}, "nan is not a number"),
        ({"latent": 1e400}, "inf is not a whole number"),
    ],
)
def test_a_wrong_description_is_refused(change, message):
    with pytest.raises(VoiceError, match=message if "|" in message else re.escape(message)):
        verify(pathlib.Path("w.onnx"), described(change))


SOUND = dataclasses.replace(
    SPEC, kind="audio", heads=(), latent=0, noise=4, tags=("set:a",),
    audio=AudioSpec(11_025, 512, 600, "spectrum"), styles={"a": StyleSpec(seeds=(0, 3))},
)  # fmt: skip
SOUND_DOCUMENT = json.loads(json.dumps(voice.document_of(SOUND)))


def sounding(**changes):
    return {**SOUND_DOCUMENT, "audio": SOUND_DOCUMENT["audio"] | changes}


def test_a_voice_of_sound_is_read_as_it_was_written():
    assert verify(pathlib.Path("x"), append_spec(MODEL, SOUND)) == SOUND


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (SOUND_DOCUMENT | {"audio": None}, "a voice of kind audio needs `audio` and styles"),
        (SOUND_DOCUMENT | {"heads": [3]}, "no heads and no latent"),
        (SOUND_DOCUMENT | {"styles": {}}, "needs `audio` and styles"),
        (SOUND_DOCUMENT | {"styles": {"a": {"seeds": []}}}, "not a list of 1 to"),
        (SOUND_DOCUMENT | {"styles": {"a": {}}}, "invalid ('seeds')"),
        ({"audio": SOUND_DOCUMENT["audio"]}, "a voice of notes needs heads, and no `audio`"),
        (sounding(rate=100), "rate: 100 is not a whole number from 4000 to 192000"),
        (sounding(rate=11_026), "audio: 11026 Hz is not a multiple of 25"),
        (sounding(hop=601), "audio: blocks of 600 samples, 601 apart, at 11025 Hz do not fit"),
        (sounding(length=1025), "audio: blocks of 1025 samples, 512 apart"),
        (sounding(hop=12_000, length=12_000), "audio: blocks of 12000 samples"),
        (sounding(synthesis="midi"), "synthesis: 'midi' does not match"),
        (sounding(quiet=0.5, loud=0.5), "audio: quiet must be below loud"),
        (sounding(echo=1), "audio: 'echo' is not known"),
        (
            SOUND_DOCUMENT | {"states": [{"name": "x", "shape": [65536], "dtype": "float32"}]},
            "audio: its states and a block have more than 65536 numbers",
        ),
    ],
)
def test_a_wrong_description_of_sound_is_refused(change, message):
    with pytest.raises(VoiceError, match=re.escape(message)):
        verify(pathlib.Path("w.onnx"), described(change))


@given(st.dictionaries(st.sampled_from(sorted(SOUND_DOCUMENT["audio"])), st.deferred(lambda: JSON)))
def test_any_description_of_sound_is_a_spec_or_an_error(changes):
    outcome = read(described(sounding(**changes)))
    assert isinstance(outcome, VoiceError | VoiceSpec)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from([f.name for f in dataclasses.fields(VoiceSpec)]), JSON),
    st.dictionaries(st.sampled_from([f.name for f in dataclasses.fields(StyleSpec)]), JSON),
)
def test_any_description_is_a_spec_or_an_error(change, style):
    outcome = read(described({"styles": {"a": STYLE | style}} | change))
    assert isinstance(outcome, VoiceSpec | VoiceError)
    assert isinstance(outcome, VoiceError) or verify(pathlib.Path("x"), append_spec(MODEL, outcome))
    assert str(outcome).isprintable()


@pytest.mark.parametrize("value", [b"[" * 10_000, b"1", b'"', b"[" * 900 + b"]" * 900, b"9" * 9999])
def test_a_description_that_is_none(value):
    with pytest.raises(VoiceError):
        verify(pathlib.Path("x"), with_seal(with_property(MODEL, voice.KEY, value)))


def test_absurd_sizes_are_refused(tmp_path):
    huge = tmp_path / "huge.onnx"
    with huge.open("wb") as file:
        file.truncate(voice.MOST_BYTES + 1)
    with pytest.raises(
        VoiceError, match="over 33554432 bytes; give a voice file of about a megabyte"
    ):
        read_spec(huge)
    with pytest.raises(VoiceError, match="damaged"):
        verify(huge, described({"name": "x" * voice.MOST_SPEC_BYTES}))


def test_an_onnx_file_without_a_description_is_no_voice():
    with pytest.raises(VoiceError, match="an ONNX file but not a voice"):
        verify(pathlib.Path("m.onnx"), MODEL)


def test_voices_are_found_by_name_and_by_path():
    assert find_voice(str(TINY)) == TINY
    for path in shipped_voices():
        assert find_voice(path.stem) == path
        assert read_spec(path).name == path.stem
    for name in ("nope", "no/such.onnx", "nope.onnx", "x" * 999, f"{'x' * 999}.onnx"):
        with pytest.raises(VoiceError, match=name[:400]):
            find_voice(name)


def test_shipped_voices_are_small_and_credited():
    voices = shipped_voices()
    assert voices
    assert max(path.stat().st_size for path in voices) <= 4_000_000
    specs = {path.stem: read_spec(path) for path in voices}
    commons, piano = specs["commons"], specs["piano"]
    assert {"folk", "hymn", "bach", "jazz"} <= commons.styles.keys()
    assert any("Weimar Jazz Database" in line and "ODbL" in line for line in commons.credits)
    assert commons.quality["valid_bits_per_note"] < 4
    assert any("Bernd Krueger" in line and "CC BY-SA" in line for line in piano.credits)
    assert all(spec.credits and spec.name == name for name, spec in specs.items())


def test_the_corpus_filter_travels_with_the_voice():
    whole = append_spec(MODEL, SPEC, b"bits")
    assert corpus_filter(whole) == b"bits"
    assert corpus_filter(append_spec(MODEL, SPEC)) == b""
    assert read(whole).name == SPEC.name
    damaged = whole.replace(b"bits", b"bats")
    assert isinstance(read(damaged), VoiceError)
    changed = replace_spec(whole, dataclasses.replace(SPEC, name="other"))
    assert (read(changed).name, corpus_filter(changed)) == ("other", b"bits")
