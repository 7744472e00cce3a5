"""Damaged files, and how readers name them."""

import pytest
from hypothesis import strategies as st

from stream.errors import CorpusError


@st.composite
def damaged(draw, good, most):
    """A file with up to `most` changed bytes, and its beginning."""
    content = bytearray(good)
    places = st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255))
    for place, value in draw(st.lists(places, max_size=most)):
        content[place] = value
    return content, content[: draw(st.integers(0, len(good)))]


def assert_named_in_one_line(read, content, path, reason):
    """Reading `content` from `path` fails with one line that names the file and the reason."""
    with pytest.raises(CorpusError) as caught:
        read(content)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert reason in message
    assert "\n" not in message
