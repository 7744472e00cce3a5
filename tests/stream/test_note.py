from hypothesis import given
from hypothesis import strategies as st

from stream.note import (
    Controls,
    Note,
    Phrase,
    PhraseRequest,
    Rule,
    Verdict,
    phrase_from_json,
    request_from_json,
    ticks_to_seconds,
    to_json,
)

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
VERDICTS = st.builds(Verdict, RULES, st.integers(1, 64), st.integers(0, 64))
CONTROLS = st.builds(
    Controls,
    st.floats(20, 300),
    st.lists(st.lists(st.tuples(st.text(max_size=9), st.floats(0.01, 1))).map(tuple)).map(tuple),
    st.integers(1, 99),
    st.floats(0.1, 3),
    st.floats(0.05, 1),
    st.integers(1, 64),
)


@given(
    st.builds(
        Phrase, NOTES, st.integers(1, 9999), st.floats(20, 300), st.integers(0, 9), st.integers(0),
        st.text(), st.text(), st.integers(0), st.integers(1, 999), VERDICTS, st.integers(-1, 9),
        st.booleans(),
    )
)  # fmt: skip
def test_a_phrase_survives_the_line_between_the_processes(phrase):
    line = to_json(phrase)
    assert "\n" not in line
    assert phrase_from_json(line) == phrase


@given(
    st.builds(
        PhraseRequest, st.integers(0), st.integers(0), st.integers(0, 2**63 - 1),
        st.lists(st.integers(1)).map(tuple), st.integers(1, 16), st.integers(-1), NOTES, CONTROLS,
    )
)  # fmt: skip
def test_a_request_survives_the_line_between_the_processes(request_):
    line = to_json(request_)
    assert "\n" not in line
    assert request_from_json(line) == request_


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
