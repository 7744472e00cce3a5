"""Ensembles as files: the shipped ones, and whatever else such a file may hold."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.__main__ import main
from stream.config.toml_files import MOST_BYTES
from stream.ensembles.ensemble import (
    COMPANIONS,
    DRUM_CHANNEL,
    PLAYING,
    SHIPPED,
    SOLO,
    load,
    names,
)
from stream.errors import SettingsError
from stream.music.part import DRUMS, LEAD, ROLES

LEADING = "title = 'Mine'\n[parts.lead]\n"


def test_the_shipped_ones_load():
    wanted = {"ambient", "band", "folk", "hymn", "jazz", "solo", "song", "strings"}
    assert wanted <= set(names())
    assert list(names()) == sorted(names())
    for name in names():
        ensemble = load(name)
        assert ensemble.name == name
        assert ensemble == load(name.upper())
        assert tuple(ensemble.parts) == tuple(role for role in ROLES if role in ensemble.parts)
        assert all(part.companion or role == LEAD for role, part in ensemble.parts.items())
        # As read: each key says what is meant.
        assert tomllib.loads((SHIPPED / f"{name}.toml").read_text())["title"] == ensemble.title
        assert DRUMS not in ensemble.parts or ensemble.parts[DRUMS].channel == DRUM_CHANNEL
    assert tuple(load(SOLO).parts) == (LEAD,)
    assert load(SOLO).parts[LEAD].program == 1


def test_a_file_of_ones_own(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(f"{LEADING}program = 5\n[parts.drums]\ncompanion = 'drums'\ncalm = 'tacet'\n")
    found = load(str(path))
    assert (found.name, found.title) == (str(path), "Mine")
    assert [(part.role, part.channel, part.program) for part in found.parts.values()] == [
        (LEAD, 1, 5),
        (DRUMS, 10, 1),
    ]
    assert [found.parts[DRUMS].playing(energy) for energy in (0.0, 0.5, 1.0)] == [
        "tacet",
        "full",
        "full",
    ]


BAD = [
    ("", r"mine.toml: title: missing; say in a line who plays"),
    ("title = 'Mine'", r"parts.lead: missing; give a table \[parts.lead\] with a program"),
    ("name = 'Mine'", r"'name': unknown key; known are title, "),
    (f"{LEADING}[parts.flute]\n", r"parts: 'flute': unknown key; known are lead, harmony, comping"),
    (f"{LEADING}[parts.bas]\n", r"did you mean 'bass'\?"),
    (f"{LEADING}program = 0\n", "program: 0 is not a whole number from 1 to 128"),
    (f"{LEADING}program = 129\n", "program: 129 is not a whole number from 1 to 128"),
    (f"{LEADING}program = 1.5\n", r"program: 1\.5 is not a whole number"),
    (f"{LEADING}program = 'piano'\n", "program: 'piano' is not a whole number"),
    (f"{LEADING}channel = 17\n", "channel: 17 is not a whole number from 1 to 16"),
    (f"{LEADING}level = 128\n", "level: 128 is not a whole number from 0 to 127"),
    (f"{LEADING}pan = -1\n", "pan: -1 is not a whole number from 0 to 127"),
    (f"{LEADING}calm = 'loud'\n", "calm: 'loud' does not match tacet|thin|full"),
    (f"{LEADING}style = '../x'\n", "style: '../x' does not match"),
    (f"{LEADING}low = 61\nhigh = 60\n", "parts.lead: low 61 is above high 60"),
    (f"{LEADING}volume = 3\n", "'volume': unknown key; known are companion, style, program"),
    (f"{LEADING}companion = 'harmony'\n", r"parts.lead: companion 'harmony' does not compose this"),
    (
        f"{LEADING}[parts.bass]\ncompanion = 'drums'\n",
        r"parts.bass: companion 'drums' does not compose this part; give bass or walking-bass",
    ),
    (
        f"{LEADING}[parts.bass]\nchannel = 1\ncompanion = 'bass'\n",
        "parts.bass: channel 1 is that of lead as well; give each part a channel of its own",
    ),
    ("title = 'Mine'\nparts = 3", "parts: 3 is not an object"),
    ("title = 'Mine'\nparts = { lead = 3 }", "lead: 3 is not an object"),
    ("title = = 1", "mine.toml: "),
    (f"title = {'[' * 9999}", "not valid TOML: nested too deeply"),
    ("#" * (MOST_BYTES + 1), "over 100000 bytes; it is not a valid ensemble file"),
    (f"title = {'9' * 5000}", "mine.toml: "),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_bad_file_is_named_with_key_and_remedy(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message) as caught:
        load(str(path))
    assert "mine.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("command", [("render", "a.mid", "--minutes", "1"), ("explain",)])
@pytest.mark.parametrize("text", ["", f"{LEADING}[parts.bass]\ncompanion = 'drums'\n"])
def test_a_bad_file_ends_the_program_at_once(tmp_path, capsys, monkeypatch, command, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(text)
    assert main([*command, "--ensemble", "./mine.toml"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("perpetuum: ensemble mine.toml: ")
    assert printed.err.count("\n") == 1
    assert not (tmp_path / "a.mid").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("orchestra", r"ensemble 'orchestra': unknown; known are ambient, .*, or give the path"),
        ("jaz", r"did you mean 'jazz'\?"),
        ("../jazz", "ensemble ../jazz: cannot be read: No such file"),
        ("/", "cannot be read: Is a directory"),
        ("/dev/zero", "cannot be read"),
        ("x" * 5000, "unknown; known are"),
        ("x" * 5000 + ".toml", "cannot be read: File name too long"),
        (".", "ensemble '.': unknown"),
    ],
)
def test_no_such_ensemble(name, message):
    with pytest.raises(SettingsError, match=message):
        load(name)


@given(content=st.binary(max_size=80))
def test_any_bytes_are_an_ensemble_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        load(str(path))


WORDS = st.sampled_from(
    [*ROLES, *PLAYING, "title", "parts", "companion", "program", "channel", "low", "walking-bass"]
)
VALUES = st.recursive(
    st.booleans()
    | st.integers(-2, 200)
    | st.floats()
    | WORDS
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)
PARTS = st.dictionaries(
    st.sampled_from(ROLES),
    st.fixed_dictionaries(
        {},
        optional={
            "companion": st.sampled_from(
                sorted({c for known in COMPANIONS.values() for c in known})
            ),
            "program": st.integers(0, 129),
            "channel": st.integers(0, 17),
            "low": st.integers(-1, 128),
            "high": st.integers(-1, 128),
            "level": VALUES,
        },
    ),
)


@given(document=st.fixed_dictionaries({"title": WORDS | VALUES, "parts": PARTS | VALUES}))
def test_any_document_is_an_ensemble_or_refused_in_a_line(tmp_path_factory, document):
    path = tmp_path_factory.getbasetemp() / "document.toml"
    path.write_text(toml(document))
    try:
        ensemble = load(str(path))
    except SettingsError as refusal:
        message = str(refusal)
        assert "\n" not in message
        assert message.startswith(f"ensemble {path}: ")
        return
    assert LEAD in ensemble.parts
    channels = [part.channel for part in ensemble.parts.values()]
    assert len(set(channels)) == len(channels)
    for role, part in ensemble.parts.items():
        assert part.role == role
        assert part.companion in ("", *COMPANIONS.get(role, ()))
        assert 0 <= part.low <= part.high <= 127
        assert 1 <= part.program <= 128


def toml(value):
    """A document as TOML, in lines for its keys."""
    return "".join(f"{key} = {inline(each)}\n" for key, each in value.items())


def inline(value):
    if isinstance(value, dict):
        members = ", ".join(f"{json.dumps(k)} = {inline(v)}" for k, v in value.items())
        return f"{{ {members} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    if isinstance(value, float):
        return {"inf": "inf", "-inf": "-inf", "nan": "nan"}.get(str(value), repr(value))
    return json.dumps(value).replace("\\u007f", "")


def test_a_line_each(capsys):
    assert main(["ensembles"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(names())
    assert "solo     The voice alone (channels: lead 1)" in lines


def test_all_that_is_known(capsys):
    assert main(["ensembles", "--json"]) == 0
    facts = {each["ensemble"]: each for each in json.loads(capsys.readouterr().out)}
    assert facts.keys() == set(names())
    drums = {part["role"]: part for part in facts["jazz"]["parts"]}[DRUMS]
    assert (drums["channel"], drums["program"], drums["companion"]) == (10, 41, DRUMS)
