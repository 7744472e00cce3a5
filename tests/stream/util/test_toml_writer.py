import tomllib

from hypothesis import given
from hypothesis import strategies as st

from stream.util.toml_writer import assignment, value_text

texts = st.text()
values = (
    texts
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.lists(texts).map(tuple)
)


@given(values)
def test_what_is_written_is_read_again(value):
    read = tomllib.loads(assignment("key", value) + "\n")
    wanted = list(value) if isinstance(value, tuple) else value
    assert read == {"key": wanted}
    assert type(read["key"]) is type(wanted)


def test_how_it_looks():
    assert assignment("out", ("a", 'b"\n')) == 'out = ["a", "b\\"\\n"]'
    assert [value_text(value) for value in (True, 3, 0.5, "é", ())] == [
        "true", "3", "0.5", '"é"', "[]",
    ]  # fmt: skip
