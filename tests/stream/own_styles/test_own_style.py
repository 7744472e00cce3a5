"""Files of own styles: what is written is read, and anything else is refused in one line."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import VoiceError
from stream.own_styles.own_style import MOST_BYTES, from_bytes, misfit, read, to_bytes
from stream.voices.spec import digest, read_spec
from tests.stream.compose.conftest import OUTLINED, TINY
from tests.stream.own_styles.own_styles import own_style

CONTENT = to_bytes(own_style())
DOCUMENT = json.loads(CONTENT)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)
KEYS = [(key,) for key in DOCUMENT] + [("style", key) for key in DOCUMENT["style"]]


def test_what_is_written_is_read():
    found = from_bytes(CONTENT, "x")
    assert dataclasses.replace(found, style=dataclasses.replace(found.style, digest="")) == (
        own_style()
    )
    assert to_bytes(found) == CONTENT
    assert len(CONTENT) < 10_000


def test_the_digest_is_of_what_it_plays():
    named = from_bytes(to_bytes(own_style("other")), "x")
    moved = from_bytes(to_bytes(own_style(mean=(0.0, 0.0, 0.0, 1.0))), "x")
    assert named.style.digest == from_bytes(CONTENT, "x").style.digest != moved.style.digest


def refused_or_whole(content):
    try:
        found = from_bytes(content, "some file")
    except VoiceError as error:
        line = str(error)
        assert line.startswith("style file some file: ")
        assert "\n" not in line
    else:
        assert from_bytes(to_bytes(found), "again").style == found.style


@given(st.sampled_from(KEYS), VALUES)
def test_any_value_anywhere_is_read_or_refused(path, value):
    document = json.loads(CONTENT)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    refused_or_whole(json.dumps(document).encode())


@given(st.sampled_from(KEYS))
def test_a_key_that_is_missing_is_refused_or_has_a_default(path):
    document = json.loads(CONTENT)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    refused_or_whole(json.dumps(document).encode())


@given(st.integers(0, len(CONTENT) - 1), st.integers(0, 255))
def test_any_byte_may_be_damaged(at, byte):
    refused_or_whole(CONTENT[:at] + bytes([byte]) + CONTENT[at + 1 :])


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content):
    with pytest.raises(VoiceError):
        from_bytes(content, "x")


def test_a_missing_or_huge_file_is_refused(tmp_path):
    huge = tmp_path / "huge.style.json"
    huge.write_bytes(b" " * (MOST_BYTES + 1))
    for path in (huge, tmp_path / "none.style.json", tmp_path):
        with pytest.raises(VoiceError, match="cannot be read"):
            read(path)


def test_a_style_of_another_voice_is_told_with_the_remedy():
    learned, spec = own_style(), read_spec(OUTLINED)
    assert misfit(learned, spec, digest(OUTLINED)) == ""
    assert "--voice tiny_outlined" in misfit(learned, read_spec(TINY), digest(TINY))
    assert "learn it again" in misfit(learned, spec, "0" * 64)
