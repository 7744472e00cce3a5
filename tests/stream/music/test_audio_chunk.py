import base64
import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import MessageError
from stream.music.audio_chunk import (
    AudioChunk,
    AudioChunkRequest,
    AudioControls,
    chunk_from_document,
    request_from_json,
    to_json,
)

texts = st.binary(max_size=30).map(lambda data: base64.b64encode(data).decode())
blend = st.lists(st.tuples(st.text(max_size=5), st.floats(0, 1)), min_size=1, max_size=3)
requests = st.builds(
    AudioChunkRequest,
    index=st.integers(0, 2**53),
    seed=st.integers(0, 2**63 - 1),
    blocks=st.integers(1, 2**16),
    rate=st.integers(4000, 192_000),
    state=texts,
    controls=st.builds(
        AudioControls,
        style=st.lists(blend.map(tuple), max_size=3).map(tuple),
        walk=st.integers(1, 1000),
        temperature=st.floats(0.1, 3),
        volume=st.floats(0, 4),
    ),
)
PASSAGE = AudioChunk(3, 1, "low", "AAA=", 0.5, 1, 0, "AA==", "tiny", opens=True)


@given(requests)
def test_a_request_is_read_as_it_was_written(request):
    assert request_from_json(to_json(request)) == request


def test_a_passage_is_read_as_it_was_written():
    assert chunk_from_document(json.loads(to_json(PASSAGE))) == PASSAGE


@given(st.text(max_size=80) | st.recursive(st.none() | st.integers(), st.lists).map(json.dumps))
def test_what_is_no_request_is_told_so(line):
    with pytest.raises(MessageError, match="invalid chunk request"):
        request_from_json(line)


@pytest.mark.parametrize(
    "change",
    [{"samples": "no base64!"}, {"level": float("nan")}, {"opens": 1}, {"index": -1}, {"other": 1}],
    ids=str,
)
def test_what_is_no_passage_is_told_so(change):
    with pytest.raises(MessageError, match="invalid chunk"):
        chunk_from_document(dataclasses.asdict(PASSAGE) | change)
