import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import MessageError
from stream.music.note import (
    Controls,
    Note,
    Phrase,
    PhraseRequest,
    phrase_from_json,
    request_from_json,
    ticks_to_seconds,
    to_json,
)
from stream.music.verdict import Rule, Verdict

COUNTS = st.integers(0, 2**53)
NOTES = st.lists(
    st.builds(
        Note,
        st.integers(-5000, 5000),
        st.integers(1, 500),
        st.integers(0, 127),
        st.integers(1, 127),
        st.integers(0, 15),
    )
).map(tuple)
RULES = st.lists(
    st.builds(Rule, st.text(max_size=9), st.floats(0, 9), st.floats(0, 9), st.floats(0, 9))
).map(tuple)
VERDICTS = st.builds(
    Verdict,
    rules=RULES,
    candidates=st.integers(1, 64),
    accepted=st.integers(0, 64),
    chosen=st.integers(0, 256),
    rejected=st.lists(st.tuples(st.text(max_size=9), st.integers(0, 64))).map(tuple),
)
STYLES = st.lists(
    st.lists(st.tuples(st.text(max_size=9), st.floats(0.01, 1)), min_size=1).map(tuple)
).map(tuple)
CONTROLS = st.builds(
    Controls,
    bpm=st.floats(20, 300),
    style=STYLES,
    walk=st.integers(1, 99),
    temperature=st.floats(0.1, 3),
    top_p=st.floats(0.05, 1),
    candidates=st.integers(1, 64),
    density=st.floats(-1, 1),
    swing=st.floats(0, 1),
    transpose=st.integers(-36, 36),
    low=st.integers(0, 127),
    high=st.integers(0, 127),
    scale=st.text(max_size=9),
)


@given(
    st.builds(
        Phrase,
        notes=NOTES,
        length=st.integers(1, 9999),
        bpm=st.floats(20, 300),
        index=COUNTS,
        tune=COUNTS,
        style=st.text(),
        voice=st.text(),
        seed=COUNTS,
        bar=st.integers(1, 999),
        verdict=VERDICTS,
        parent=st.integers(-1, 9),
        closing=st.booleans(),
    )
)
def test_a_phrase_survives_the_line_between_the_processes(phrase):
    line = to_json(phrase)
    assert "\n" not in line
    assert phrase_from_json(line) == phrase


@given(
    st.builds(
        PhraseRequest,
        index=COUNTS,
        tune=COUNTS,
        seed=st.integers(0, 2**63 - 1),
        opened=COUNTS,
        opened_style=STYLES,
        phrase_lengths=st.lists(st.integers(1, 2**20)).map(tuple),
        begun=st.integers(0, 2**20),
        bars=st.integers(1, 16),
        parent=st.integers(-1, 2**53),
        history=NOTES,
        call=st.integers(0, 2**20),
        controls=CONTROLS,
    )
)
def test_a_request_survives_the_line_between_the_processes(request_):
    line = to_json(request_)
    assert "\n" not in line
    assert request_from_json(line) == request_


PHRASE = Phrase((Note(0, 48, 60),), 192, 120.0, 0, 0, "folk", "x", 1)
REQUEST = PhraseRequest(0, 0, 1, phrase_lengths=(192,), history=(Note(-48, 48, 60),))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


def changed(value, members):
    return json.dumps(json.loads(to_json(value)) | members)


def outcome(read, line):
    try:
        return read(line)
    except MessageError as error:
        return error


@given(st.dictionaries(st.sampled_from([*PHRASE.__slots__]), JSON, min_size=1))
def test_any_line_is_a_phrase_or_an_error(members):
    found = outcome(phrase_from_json, changed(PHRASE, members))
    assert str(found).isprintable()
    if isinstance(found, Phrase):
        assert phrase_from_json(to_json(found)) == found


@given(st.dictionaries(st.sampled_from([*REQUEST.__slots__]), JSON, min_size=1))
def test_any_line_is_a_request_or_an_error(members):
    found = outcome(request_from_json, changed(REQUEST, members))
    assert str(found).isprintable()
    if isinstance(found, PhraseRequest):
        assert request_from_json(to_json(found)) == found


@given(st.binary(max_size=99))
def test_noise_is_no_message(noise):
    for read in (phrase_from_json, request_from_json):
        assert isinstance(outcome(read, noise), MessageError)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"notes": [[0, 48, 128, 80, 0]]},
            r"invalid phrase: notes: \[0, 48, 128, 80, 0\] is not a note",
        ),
        ({"notes": [[0, 0, 60, 80, 0]]}, r"\[0, 0, 60, 80, 0\] is not a note"),
        ({"notes": [[0, 48, 60.5, 80, 0]]}, r"\[0, 48, 60.5, 80, 0\] is not a note"),
        ({"notes": [[0, 48, 60]]}, r"\[0, 48, 60\] must have 5 to 7 members"),
        ({"length": 0}, "length: 0 is not a whole number from 1"),
        ({"bpm": float("nan")}, "bpm: nan is not a number from 1 to 1000"),
        ({"bpm": 10**400}, "bpm: 1000.*000 is not a number from 1 to 1000"),
        ({"closing": 1}, "closing: 1 is neither true nor false"),
        ({"verdict": {}}, "invalid phrase: 'rules'"),
        ({"verdict": {"rules": [], "chosen": -1}}, "chosen: -1 is not a whole number from 0"),
        ({"verdict": {"rules": [], "rejected": [["x"]]}}, "must have 2 members"),
        ({"verdict": {"rules": [], "rejected": [[1, 1]]}}, "1 is not text"),
        ({"verdict": {"rules": [["x", 1, 2]]}}, "must have 4 members"),
        ({"more": 1}, "'more' is not known"),
    ],
)
def test_a_phrase_that_can_not_be_played_is_refused(members, message):
    with pytest.raises(MessageError, match=message):
        phrase_from_json(changed(PHRASE, members))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"seed": -1}, "seed: -1 is not a whole number from 0"),
        ({"bars": 10**9}, "bars: 1000000000 is not a whole number from 1 to 64"),
        ({"history": [[-(10**9), 48, 60, 80, 0]]}, "is not a note"),
        ({"controls": {"candidates": 10**6}}, "candidates: 1000000 is not a whole number"),
        ({"controls": {"walk": 0}}, "walk: 0 is not a whole number"),
        ({"controls": {"density": 1.5}}, "density: 1.5 is not a number from -1 to 1"),
        ({"controls": {"swing": -1}}, "swing: -1 is not a number from 0 to 1"),
        ({"controls": {"transpose": 0.5}}, "transpose: 0.5 is not a whole number"),
        ({"controls": {"low": 128}}, "low: 128 is not a whole number from 0 to 127"),
        ({"controls": {"scale": 1}}, "scale: 1 is not text"),
        ({"begun": -1}, "begun: -1 is not a whole number from 0"),
        ({"call": -1}, "call: -1 is not a whole number from 0"),
        ({"opened_style": [[]]}, r"opened_style: \[\] is not a list of 1 to 1000"),
        ({"controls": {"style": [[]]}}, r"style: \[\] is not a list of 1 to 1000"),
        ({"controls": {"style": [[["folk", -1]]]}}, "style: -1 is not a number from 0 to 1"),
        ({"history": None}, "invalid phrase request: history: None is not a list"),
    ],
)
def test_a_request_that_can_not_be_met_is_refused(members, message):
    with pytest.raises(MessageError, match=message):
        request_from_json(changed(REQUEST, members))


@pytest.mark.parametrize("line", ["", "[]", "1", "{}", "[" * 10**5, '{"a":' * 10**5, "9" * 5000])
def test_lines_that_are_no_message(line):
    for read in (phrase_from_json, request_from_json):
        assert isinstance(outcome(read, line), MessageError)


def test_ticks_to_seconds():
    table = {(48, 120): 0.5, (48, 60): 1.0, (192, 120): 2.0, (16, 60): 1 / 3, (0, 99): 0.0}
    assert {key: ticks_to_seconds(*key) for key in table} == table


def test_a_rule_passes_on_its_bounds_and_knows_its_excess():
    rules = [Rule("h", value, 1.0, 2.0) for value in (0.5, 1.0, 1.5, 2.0, 2.25)]
    assert [(r.passed, r.excess) for r in rules] == [
        (False, 0.5), (True, 0.0), (True, 0.0), (True, 0.0), (False, 0.25),
    ]  # fmt: skip
    assert [Verdict(tuple(rules[i:j])).passed for i, j in ((0, 2), (1, 4), (0, 0))] == [
        False, True, True,
    ]  # fmt: skip
