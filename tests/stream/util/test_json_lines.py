import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from stream.util.json_lines import JsonLines, json_line
from tests.stream.control.test_socket import EVENTS, STREAM

LIMIT = 20


def parts(data, cuts):
    ends = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    return [data[a:b] for a, b in itertools.pairwise(ends)]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_objects_come_whole_however_the_stream_is_cut(cuts):
    lines = JsonLines(1000)
    assert [found for part in parts(STREAM, cuts) for found in lines.objects(part)] == EVENTS


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=8))
def test_lines_do_not_depend_on_the_cuts(data, cuts):
    data = data.replace(b"\x00", b"\n")
    *whole, rest = data.split(b"\n")
    expected = [line[: LIMIT + 1] for line in whole]
    if len(rest) > LIMIT:
        expected.append(rest[: LIMIT + 1])
    lines = JsonLines(LIMIT)
    assert [line for part in parts(data, cuts) for line in lines.split(part)] == expected


def test_a_line_without_end_is_skipped_and_takes_no_memory():
    lines = JsonLines(LIMIT)
    assert list(lines.objects(b'{"notice":"' + b"x" * LIMIT)) == []
    assert not lines._line
    for _ in range(3):
        assert list(lines.objects(b"x" * 1000)) == []
        assert not lines._line
    assert list(lines.objects(b'"}\n{"playing":true}\n')) == [{"playing": True}]


def test_the_beginning_of_a_line_that_is_too_long_comes_once_and_at_once():
    lines = JsonLines(3)
    assert list(lines.split(b"ab")) == []
    assert list(lines.split(b"cde")) == [b"abcd"]
    assert list(lines.split(b"fg\nhi\n")) == [b"hi"]


def test_an_object_in_a_line_that_is_too_long_is_left_out():
    assert list(JsonLines(5).objects(b"{}    \n{}   \n")) == [{}]


def test_a_document_is_one_compact_line():
    line = json_line({"notice": "é\n\u2028", "n": [1, 2]})
    assert json.loads(line) == {"notice": "é\n\u2028", "n": [1, 2]}
    assert (line.count(b"\n"), line.count(b" ")) == (1, 0)
