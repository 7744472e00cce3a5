import dataclasses
import json
import pathlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.config.settings import Settings, load, with_changes
from stream.config.style_syntax import parse_style
from stream.errors import SettingsError
from stream.music.note import Controls


def test_flags_win_over_the_file_and_the_file_over_defaults(tmp_path):
    config = tmp_path / "stage.toml"
    config.write_text('voice = "x.onnx"\nbpm = 90\nout = ["null", "file:a.mid"]\nseed = 4\n')
    flags = {"bpm": "101.5", "style": "bach:3,jazz:1", "seed": None}
    settings = load(config, flags)
    assert settings == Settings(
        voice="x.onnx", bpm=101.5, out=("null", "file:a.mid"), seed=4, style="bach:3,jazz:1"
    )
    assert settings.controls == Controls(bpm=101.5, style=((("bach", 0.75), ("jazz", 0.25)),))


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("", ()),
        ("folk", ((("folk", 1.0),),)),
        ("bach:0.7,jazz:0.3", ((("bach", 0.7), ("jazz", 0.3)),)),
        ("a:1, b:3", ((("a", 0.25), ("b", 0.75)),)),
        ("a,a,b:2", ((("a", 0.5), ("b", 0.5)),)),
        ("folk/a:1,b:1/jazz", ((("folk", 1.0),), (("a", 0.5), ("b", 0.5)), (("jazz", 1.0),))),
    ],
)
def test_styles(text, style):
    assert parse_style(text) == style


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"bpm": "fast"}, "--bpm: 'fast' is not a number from 20 to 300"),
        ({"bpm": "nan"}, "--bpm: nan is not a number from 20 to 300"),
        ({"bpm": "301"}, "--bpm: 301 is out of range; give a number from 20 to 300"),
        ({"seed": "1.5"}, "--seed: 1.5 is not a whole number"),
        ({"top_p": "0"}, "--top-p: 0 is out of range"),
        ({"temperature": "-1"}, "--temperature: -1 is out of range"),
        ({"minutes": "-0.1"}, "--minutes: -0.1 is out of range"),
        ({"candidates": "0"}, "--candidates: 0 is out of range"),
        ({"walk": "0"}, "--walk: 0 is out of range"),
        ({"style": "folk/"}, "--style : '' is not a style with a weight"),
        ({"style": "bach:,jazz"}, "--style bach:,jazz: 'bach:' is not a style with a weight"),
        ({"style": "bach:-1"}, "is not a style with a weight"),
        ({"style": f"a:{'9' * 999}"}, "is not a style with a weight"),
        ({"style": ","}, "'' is not a style with a weight"),
    ],
)
def test_a_bad_flag_is_named_with_its_range(flags, message):
    with pytest.raises(SettingsError, match=message) as caught:
        load(None, flags)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bmp = 90", "bmp: unknown key; known are voice, out, absent, seed"),
        ("absent = 'maybe'", "absent: 'maybe' is not one of refuse, await"),
        ("bpm = true", "bpm: True is not a number"),
        ("voice = 3", "voice: 3 is not a text"),
        ("out = 3", "out: 3 is not a list of outputs"),
        ("out = [3]", "is not a list of outputs"),
        ("bpm = = 1", "invalid TOML"),
        ("bpm = nan", "bpm: nan is not a number"),
        ("seed = inf", "seed: inf is not a whole number"),
        (f"bpm = 0x{'f' * 9999}", "bpm: a number of thousands of digits is out of range"),
        (f"bpm = {'9' * 9999}", "invalid TOML: Exceeds the limit"),
        (f"out = {'[' * 9999}", "invalid TOML: lists are nested too deeply"),
        (f"out = [0x{'f' * 9999}]", "is not a list of outputs"),
        ('stats = "a\\u0000b"', "stats: 'a.x00b' contains a NUL"),
        ('out = ["file:\\u0000.mid"]', "contains a NUL character"),
        ('"a\\nb\\u001b[2J" = 1', r"a\\nb\\x1b\[2J: unknown key"),
    ],
)
def test_a_bad_file_is_named_with_the_key(tmp_path, text, message):
    config = tmp_path / "bad.toml"
    config.write_text(text)
    with pytest.raises(
        SettingsError, match=message.replace("[", r"\[").replace(r"\\[", r"\[")
    ) as caught:
        load(config, {})
    assert str(config) in str(caught.value)
    assert str(caught.value).isprintable()


def test_an_unreadable_file(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        load(tmp_path / "none.toml", {})
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="invalid TOML"):
        load(binary, {})


def outcome(tmp_path, content, flags):
    config = tmp_path / "any.toml"
    config.write_bytes(content)
    try:
        return load(config, flags)
    except SettingsError as error:
        return error


KEYS = st.sampled_from([f.name for f in dataclasses.fields(Settings)])
SCALARS = (
    st.booleans().map(lambda b: str(b).lower())
    | st.integers().map(str)
    | st.floats().map(str)
    | st.text(max_size=9).map(json.dumps)
    | st.sampled_from(["1979-05-27", "[]", "{}", '["null"]', "[[1]]", "0xffffffffffffffff", "''"])
)
LINES = st.tuples(KEYS | st.text(max_size=5).map(json.dumps), SCALARS).map(" = ".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(LINES, max_size=4).map("\n".join).map(str.encode) | st.binary(max_size=40),
    st.dictionaries(KEYS, st.text(max_size=9)),
)
def test_any_file_and_any_flags_are_settings_or_an_error(tmp_path, content, flags):
    found = outcome(tmp_path, content, flags)
    if isinstance(found, Settings):
        assert sum(weight for _, weight in sum(found.controls.style[:1], ())) <= 1.000001
    else:
        assert str(found).isprintable()


def test_a_file_without_end_is_not_read(tmp_path):
    with pytest.raises(SettingsError, match="/dev/zero: cannot be read: it is not a regular file"):
        load(pathlib.Path("/dev/zero"), {})
    long = tmp_path / "long.toml"
    long.write_bytes(b"#" * 1_000_001)
    with pytest.raises(SettingsError, match="over 1000000 bytes; it is not a settings file"):
        load(long, {})


def test_a_synthesizer_plays_the_voice_alone_unless_an_ensemble_is_given():
    assert Settings().controls.ensemble == ""
    assert Settings(profile="korg-minilogue").controls.ensemble == "solo"
    assert Settings(channels="soprano=2").controls.ensemble == "solo"
    assert Settings(profile="korg-minilogue", ensemble="jazz").controls.ensemble == "jazz"


def test_ensembles_and_parts_are_checked_and_written_in_one_way():
    assert load(None, {"ensemble": "Jazz", "parts": " drums=2, bass=off"}) == Settings(
        ensemble="jazz", parts="bass=off,drums=2"
    )
    changed = with_changes(Controls(), {"ensemble": "HYMN", "parts": "alto=off"})
    assert (changed.ensemble, changed.parts) == ("hymn", "alto=off")
    assert with_changes(changed, {"ensemble": "", "parts": ""}) == Controls()
    leveled = with_changes(changed, {"parts": "bass=070 %, alto = 100%, drums=9,drums=0%,bass=off"})
    assert leveled.parts == "bass=off,bass=70%,drums=9,drums=0%"
    for name, value, message in (
        ("ensemble", "jaz", r"ensemble 'jaz': unknown; known are .*; did you mean 'jazz'\?"),
        ("ensemble", 3, "ensemble: 3 is not a text"),
        ("parts", "bas=off", r"parts 'bas=off': 'bas' is not a part"),
        ("parts", "bass=17", r"parts 'bass=17': '17' is neither off nor a whole number"),
        ("parts", "bass=151%", r"parts 'bass=151%': '151%' is neither .* level from 0% to 150%"),
        ("parts", "bass=1%,bass=2%", r"parts 'bass=2%': 'bass' is given twice"),
    ):
        with pytest.raises(SettingsError, match=message):
            with_changes(Controls(), {name: value})


@pytest.mark.parametrize("automatic", ["auto", "Auto", "0", 0, 0.0, "0.0"])
def test_the_tempo_may_be_that_of_each_tune(tmp_path, automatic):
    config = tmp_path / "c.toml"
    config.write_text("bpm = 90\n")
    assert load(config, {"bpm": automatic}).controls.bpm == 0.0
    assert with_changes(Controls(bpm=90.0), {"bpm": automatic}).bpm == 0.0
    config.write_text('bpm = "auto"\n')
    assert load(config, {}).controls == Controls()


@pytest.mark.parametrize("wrong", [False, "off", -0.5, 19, "1"])
def test_other_words_are_no_tempo(wrong):
    with pytest.raises(SettingsError, match=r"a number from 20 to 300, or auto$"):
        with_changes(Controls(), {"bpm": wrong})
