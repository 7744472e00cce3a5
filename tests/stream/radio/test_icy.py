import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.radio.icy import TitleWeaver, block
from tests.stream.radio.icy_reader import taken_apart

PIECES = st.lists(st.tuples(st.binary(max_size=100), st.text("abc', é♭", max_size=20)), max_size=20)


@given(PIECES, st.integers(1, 60))
def test_a_player_gets_sound_and_titles_back(pieces, interval):
    weaver = TitleWeaver(interval)
    woven = b"".join(weaver.weave(sound, title) for sound, title in pieces)
    sound, titles = taken_apart(woven, interval)
    assert sound == b"".join(sound for sound, _ in pieces)
    told = [title for _, title in titles]
    assert all(a != b for a, b in itertools.pairwise(told))
    known = {title.replace("'", "\u2019") for _, title in pieces}
    assert set(told) <= known


def test_a_title_is_told_once_at_the_next_place():
    weaver = TitleWeaver(10)
    woven = weaver.weave(b"a" * 25, "one") + weaver.weave(b"b" * 10, "two")
    sound, titles = taken_apart(woven, 10)
    assert sound == b"a" * 25 + b"b" * 10
    assert titles == [(10, "one"), (30, "two")]


def test_a_block_is_filled_up():
    assert block("jig") == b"\x02StreamTitle='jig';" + bytes(14)
    with pytest.raises(ValueError, match="a title of 5015 bytes; at most 4080 are possible"):
        block("x" * 5000)
