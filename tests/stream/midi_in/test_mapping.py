import re

import pytest

from stream.errors import SettingsError
from stream.midi_in.mapping import ControlChangeEntry, Map, ProgramChangeEntry, load, parse

WHOLE = """
# A comment.
[[cc]]
number = 74
control = "temperature"
channel = 1
low = 1.5
high = 0.5

[[cc]]
number = 7
control = "transpose"

[[cc]]
number = 1
control = "style:bach/jazz"

[[cc]]
number = 41
control = "next"

[[cc]]
number = 2
control = "ensemble:folk/jazz/band"

[[cc]]
number = 42
control = "part:bass"

[[program]]
number = 0
voice = "commons"

[[program]]
number = 1
channel = 16
style = "bach:0.7,jazz:0.3"

[[program]]
number = 2
ensemble = "Hymn"
"""


def test_a_whole_map():
    assert parse(WHOLE, "map") == Map(
        control_changes=(
            ControlChangeEntry(74, "temperature", 1, 1.5, 0.5),
            ControlChangeEntry(7, "transpose", None, -36, 36),
            ControlChangeEntry(1, "style:bach/jazz"),
            ControlChangeEntry(41, "next"),
            ControlChangeEntry(2, "ensemble:folk/jazz/band"),
            ControlChangeEntry(42, "part:bass"),
        ),
        program_changes=(
            ProgramChangeEntry(0, {"voice": "commons"}),
            ProgramChangeEntry(1, {"set": {"style": "bach:0.7,jazz:0.3"}}, 16),
            ProgramChangeEntry(2, {"set": {"ensemble": "hymn"}}),
        ),
    )


@pytest.mark.parametrize(
    ("entry", "values"),
    [
        (ControlChangeEntry(1, "temperature", None, 0.5, 1.5), {0: 0.5, 64: 1.0039, 127: 1.5}),
        (ControlChangeEntry(1, "bpm", None, 140, 80), {0: 140, 64: 109.7638, 127: 80}),
        (ControlChangeEntry(1, "transpose", None, -12, 12), {0: -12, 63: 0, 64: 0, 127: 12}),
        (
            ControlChangeEntry(1, "style:bach/jazz"),
            {0: "bach", 1: "bach:0.9921,jazz:0.007874", 127: "jazz"},
        ),
        (ControlChangeEntry(1, "style:bach/bach"), {5: "bach"}),
        (
            ControlChangeEntry(1, "ensemble:folk/jazz/band"),
            {0: "folk", 42: "folk", 43: "jazz", 85: "jazz", 86: "band", 127: "band"},
        ),
    ],
)
def test_positions_become_values(entry, values):
    assert {position: entry.value(position) for position in values} == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cc = 1", "m: cc: 1 is not a list of tables; write [[cc]]"),
        ("cc = [1]", "m: cc: [1] is not a list of tables; write [[cc]]"),
        ("[[knob]]", "m: 'knob': unknown; use cc, program"),
        ("[[cc]]\nnumber = 1\ncontrl = 'bpm'", "m: cc 1: 'contrl': unknown; use number, "),
        ("[[cc]]\nnumber = 1\ncontrol = 'tempo'", "m: cc 1: 'tempo' is not a control; use bpm"),
        ("[[cc]]\nnumber = 1", "m: cc 1: None is not a control; use bpm"),
        (
            "[[cc]]\nnumber = 1\ncontrol = 'ensemble:folk/jaz'",
            "m: cc 1: ensemble 'jaz': not available; give one of ambient, band",
        ),
        (
            "[[cc]]\nnumber = 1\ncontrol = 'ensemble:folk/'",
            "m: cc 1: write ensembles, such as ensemble:folk/jazz/band",
        ),
        ("[[cc]]\nnumber = 1\ncontrol = 'part:bas'", "m: cc 1: 'part:bas' is not a control"),
        (
            "[[program]]\nnumber = 1\nensemble = '/tmp/mine.toml'",
            "m: program 1: ensemble '/tmp/mine.toml': not available",
        ),
        (
            "[[cc]]\nnumber = 120\ncontrol = 'bpm'",
            "m: cc 1: number: 120 is not a whole number from 0",
        ),
        ("[[cc]]\nnumber = true\ncontrol = 'bpm'", "m: cc 1: number: True is not a whole number"),
        ("[[cc]]\ncontrol = 'bpm'", "m: cc 1: number: None is not a whole number from 0 to 119"),
        (
            "[[cc]]\nnumber = 1\ncontrol = 'bpm'\nchannel = 0",
            "m: cc 1: channel: 0 is not a whole number from 1 to 16",
        ),
        (
            "[[cc]]\nnumber = 1\ncontrol = 'bpm'\nhigh = 301",
            "m: cc 1: high: 301 is out of range; give a number from 20 to 300",
        ),
        (
            "[[cc]]\nnumber = 1\ncontrol = 'bpm'\nlow = nan",
            "m: cc 1: low: nan is not a number from 20 to 300",
        ),
        (
            "[[cc]]\nnumber = 1\ncontrol = 'bpm'\nlow = 0",
            (
                "m: cc 1: low: 0 cannot be the end of a knob; give 20 to 300,"
                " and map a button to bpm:auto"
            ),
        ),
        ("[[cc]]\nnumber = 1\ncontrol = 'swing:auto'", "m: cc 1: 'swing:auto' is not a control"),
        ("[[cc]]\nnumber = 1\ncontrol = 'next'\nlow = 1", "m: cc 1: next has no low; remove it"),
        (
            "[[cc]]\nnumber = 1\ncontrol = 'style:bach'",
            "m: cc 1: 'style:bach': write two styles, such as style:bach/jazz",
        ),
        ("[[cc]]\nnumber = 1\ncontrol = 'style:a/b/c'", "m: cc 1: 'style:a/b/c': write two"),
        ("[[cc]]\nnumber = 1\ncontrol = 'style:/b'", "m: cc 1: 'style:/b': write two styles"),
        (
            "[[program]]\nnumber = 1",
            "m: program 1: write a voice, a style or an ensemble, such as voice = 'commons'",
        ),
        (
            "[[program]]\nnumber = 1\nvoice = 'a'\nstyle = 'b'",
            "m: program 1: write a voice, a style or an ensemble",
        ),
        ("[[program]]\nnumber = 1\nvoice = 3", "m: program 1: voice: 3 is not a text"),
        (
            "[[program]]\nnumber = 1\nstyle = 'a:0'",
            "--style a:0: 'a:0' is not a style with a weight",
        ),
        (
            "[[program]]\nnumber = 128\nvoice = 'a'",
            "m: program 1: number: 128 is not a whole number",
        ),
        ("[", "m: invalid TOML: "),
        ("a = " + "[" * 5000, "m: invalid TOML: "),
    ],
)
def test_what_is_wrong_is_named(text, message):
    with pytest.raises(SettingsError, match="^" + re.escape(message)):
        parse(text, "m")


def test_a_file(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(WHOLE)
    assert len(load(path).control_changes) == 6
    path.write_bytes(b"\xff")
    with pytest.raises(
        SettingsError, match=r"--map .*: not a UTF-8 text; write a map with 'perpetuum learn'"
    ):
        load(path)
    with pytest.raises(SettingsError, match=r"--map .*: cannot be read: No such file.*learn"):
        load(tmp_path / "none.toml")
