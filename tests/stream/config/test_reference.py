import dataclasses
import math
import pathlib
import re

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from stream.commands.config import check
from stream.config.bounds import CHOICES, LISTS, RANGES, SWITCHES, WHOLE
from stream.config.reference import COMMAND, EXAMPLE, keys, page, shown
from stream.config.settings import KEYS, Settings, load

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_page_is_that_of_the_source():
    assert PAGE.read_text(encoding="utf-8") == page(), f"run: {COMMAND} > docs/configuration.md"


def test_every_key_is_explained():
    assert [key.name for key in keys()] == list(KEYS)
    for key in keys():
        assert re.match(r"[`A-Z.].*[.…]", key.text), key.name
        assert f"\n| `{key.name}` | {key.value} |" in page()


@pytest.mark.parametrize(
    ("name", "value", "default"),
    [
        ("bpm", 'number, 20 to 300, or `"auto"`', 0.0),
        ("walk", "whole number, 1 to 1000000", 32),
        ("transpose", "whole number, -36 to 36", 0),
        ("absent", '`"refuse"`, `"await"`', "refuse"),
        ("thru", "`true` or `false`", False),
        ("out", "list of texts, or a text", ()),
        ("seed", "whole number, 0 to 9223372036854775807", None),
    ],
)
def test_what_a_key_may_be(name, value, default):
    (key,) = [key for key in keys() if key.name == name]
    assert (key.value, key.default) == (value, default)


def test_the_example_is_right(tmp_path):
    path = tmp_path / "example.toml"
    path.write_text(EXAMPLE)
    check(path)


def of(name):
    if name in RANGES:
        low, high = RANGES[name]
        if name in WHOLE:
            return st.integers(low, high)
        return st.floats(low, high) | st.integers(math.ceil(low), math.floor(high))
    if name in SWITCHES:
        return st.booleans()
    if name in CHOICES:
        return st.sampled_from(CHOICES[name])
    special = {
        "channels": st.sampled_from(("", "soprano=5", "bass=16, alto=2")),
        "scale": st.sampled_from(("", "C major", "F# dorian")),
        "ensemble": st.sampled_from(("", "jazz", "solo")),
        "parts": st.sampled_from(("", "bass=off", "bass=off,drums=2", "lead=70%")),
        "style": st.sampled_from(("", "folk", "a:0.25,b:0.75", "folk/jazz")),
    }
    text = st.text().filter(lambda text: "\0" not in text)
    return st.lists(text).map(tuple) if name in LISTS else special.get(name, text)


wishes = st.fixed_dictionaries({}, optional={key.name: of(key.name) for key in keys()})


def ordered(values, low, high):
    """The values with two that bound a range in order."""
    ends = sorted(values.get(name, getattr(Settings(), name)) for name in (low, high))
    return values | dict(zip((low, high), ends, strict=True))


@effort(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes)
def test_what_is_shown_is_read_again(tmp_path, values):
    for low, high in (("low", "high"), ("slowest", "fastest")):
        values = ordered(values, low, high)
    effective = dataclasses.replace(Settings(), **values)
    path = tmp_path / "shown.toml"
    path.write_text(shown(effective), encoding="utf-8", newline="")
    assert load(path, {}) == effective
