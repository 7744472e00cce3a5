import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import SettingsError
from stream.profiles.profile import (
    SHIPPED,
    Bank,
    Profile,
    Velocity,
    from_document,
    load,
    names,
    to_document,
)

WHOLE = """
name = "Mine"
maker = "Me"
source = ["https://example.org/chart"]
channel = 16
low = 24
high = 96
polyphony = 1
mono = "gap"
gap = 7.5
velocity = { gamma = 0.5, low = 40, high = 110 }
bank = { msb = 1, lsb = 2 }
program = 128

[cc]
cutoff = 74
"""


def test_a_whole_profile(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(WHOLE)
    assert load(str(path)) == Profile(
        name="Mine",
        maker="Me",
        source=("https://example.org/chart",),
        channel=16,
        low=24,
        high=96,
        polyphony=1,
        mono="gap",
        gap=7.5,
        velocity=Velocity(0.5, 40, 110),
        bank=Bank(1, 2),
        program=128,
        cc={"cutoff": 74},
    )


def test_only_the_name_is_needed(tmp_path):
    path = tmp_path / "plain.toml"
    path.write_text('name = "Plain"\nvelocity = { fixed = 90 }')
    assert load(str(path)) == Profile(name="Plain", velocity=Velocity(low=90, high=90))


def test_the_shipped_ones_load_and_say_where_they_are_from():
    assert len(names()) >= 14
    for name in names():
        profile = load(name)
        assert profile.maker
        assert profile.source
        assert all(url.startswith(("https://", "http://")) for url in profile.source)
        # As read: each key says what is meant.
        document = tomllib.loads((SHIPPED / f"{name}.toml").read_text())
        assert len(set(document["cc"].values())) == len(document["cc"]), name
        assert load(str(SHIPPED / f"{name}.toml")) == profile
    kinds = [load(name).polyphony for name in names()]
    assert kinds.count(1) >= 4
    assert sum(kind != 1 for kind in kinds) >= 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"mine.toml: name: missing; give the synthesizer's name"),
        ("name = ''", "name: missing"),
        ("chanel = 1", r"'chanel': unknown key; known are name, maker, source, channel, low, high"),
        ("channel = 17", "channel: 17 is not a whole number from 1 to 16"),
        ("channel = true", "channel: True is not a whole number from 1 to 16"),
        ("low = -1", "low: -1 is not a whole number from 0 to 127"),
        ("low = 61\nhigh = 60", "low: 61 is above high 60; give low <= high"),
        ("polyphony = 0", "polyphony: 0 is not a whole number from 1 to 1024"),
        ("mono = 'legato'", "mono: 'legato' is for one voice; give polyphony = 1 as well"),
        ("polyphony = 1\nmono = 'poly'", "mono: 'poly' does not match legato|gap"),
        ("gap = nan", "gap: nan is not a number from 0 to 1000"),
        ("program = 0", "program: 0 is not a whole number from 1 to 128"),
        ("bank = { hsb = 1 }", "bank: 'hsb': unknown key; known are msb, lsb; did you mean 'msb'?"),
        ("velocity = 100", "velocity: 100 is not an object"),
        ("velocity = { fixed = 0 }", "velocity: fixed: 0 is not a whole number from 1 to 127"),
        ("velocity = { fixed = 90, low = 1 }", "velocity: 'low' is not known"),
        ("velocity = { gamma = inf }", "velocity: gamma: inf is not a number from 0.1 to 10"),
        ("cc = { cutoff = 120 }", "cc: 120 is not a whole number from 0 to 119"),
        ("cc = { 74 = 74 }", "cc: '74' does not match"),
        ("source = 'x'", "source: 'x' is not a list of 0 to 20 items"),
        ("name = = 1", "mine.toml: "),
        (f"source = {'[' * 9999}", "not valid TOML: nested too deeply"),
        ("#" * 100_001, "over 100000 bytes; it is not a valid profile file"),
    ],
)
def test_a_bad_profile_is_named_with_key_and_range(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text if "name" in text or not text or text[0] == "#" else f"name='x'\n{text}")
    with pytest.raises(SettingsError, match=message) as caught:
        load(str(path))
    assert "mine.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("casio", r"profile 'casio': unknown; known are arturia-microfreak, .*, or give the path"),
        ("../voice", "profile ../voice: cannot be read: No such file"),
        ("none.toml", "profile none.toml: cannot be read: No such file"),
        ("/", "cannot be read: Is a directory"),
    ],
)
def test_no_such_profile(name, message):
    with pytest.raises(SettingsError, match=message):
        load(name)


@given(content=st.binary(max_size=80))
def test_any_bytes_are_a_profile_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        load(str(path))


@given(
    gamma=st.floats(0.1, 10), ends=st.tuples(st.integers(1, 127), st.integers(1, 127)).map(sorted)
)
def test_velocities_stay_in_order_and_in_range(gamma, ends):
    curve = Velocity(gamma, *ends)
    played = [curve(velocity) for velocity in range(1, 128)]
    assert played == sorted(played)
    assert [played[0], played[-1]] == ends


def test_velocities_are_left_alone_by_default():
    assert [Velocity()(velocity) for velocity in range(1, 128)] == list(range(1, 128))


@pytest.mark.parametrize("name", names())
def test_a_profile_survives_its_document(name):
    known = load(name)
    document = to_document(known)
    assert from_document(document) == known
    assert from_document(json.loads(json.dumps(document))) == known


def test_channels_of_parts(tmp_path):
    path = tmp_path / "multi.toml"
    path.write_text('name = "Multi"\nchannel = 9\nparts = [4, 2, 4]')
    profile = load(str(path))
    assert [profile.channel_of(part) for part in range(5)] == [3, 1, 3, 8, 8]
    assert profile.channels == (1, 3)
    assert Profile(channel=9).channels == (8,)
    plain = Profile(parts=(1, 2, 3, 16))
    assert from_document(json.loads(json.dumps(to_document(plain)))) == plain
    assert "parts" not in to_document(Profile())
    path.write_text('name = "Multi"\nparts = [17]')
    with pytest.raises(SettingsError, match="parts: 17 is not a whole number from 1 to 16"):
        load(str(path))
