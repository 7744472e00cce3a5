"""The table of controls, and that all that is made from it knows every row."""

import argparse
import dataclasses

import pytest

from stream.__main__ import parser
from stream.config.bounds import checked
from stream.config.settings import KEYS, Settings
from stream.midi_in.mapping import RANGED
from stream.music.controls import CONTROLS, Controls, ControlTable, Kind, User, used_by
from stream.music.phrase_schema import CONTROL_CHECKS
from stream.osc.commands import OscCommands
from stream.panel.static_files import load

ROWS = CONTROLS.items()


@pytest.mark.parametrize(("name", "control"), ROWS)
def test_a_default_is_accepted_by_settings_and_messages(name, control):
    value = getattr(Controls(), name)
    assert checked(name, control.default, name) == control.default == getattr(Settings(), name)
    assert CONTROL_CHECKS[name](list(value) if name == "style" else value) == value


@pytest.mark.parametrize(("name", "control"), [row for row in ROWS if row[1].bounds])
def test_messages_accept_what_settings_accept(name, control):
    for bound in control.bounds:
        assert CONTROL_CHECKS[name](bound) == checked(name, bound, name) == bound
    assert name in RANGED
    assert control.range in control.help


def test_texts_have_no_bounds():
    assert {name for name, control in ROWS if not control.bounds} == {
        "style", "scale", "ensemble", "parts"
    }  # fmt: skip
    texts = {Kind.STYLE, Kind.SCALE, Kind.ENSEMBLE, Kind.PARTS}
    assert {control.kind for _, control in ROWS if not control.bounds} == texts


def test_every_control_has_one_user():
    assert sorted(name for user in User for name in used_by(user)) == sorted(CONTROLS)


def test_every_control_is_a_setting_and_a_flag():
    assert tuple(CONTROLS) == KEYS[-len(CONTROLS) :]
    (commands,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    for command in ("play", "render"):
        flags = commands.choices[command]._option_string_actions
        assert {f"--{name.replace('_', '-')}" for name in CONTROLS} <= flags.keys()


def test_every_control_is_an_osc_address():
    for name, value in dataclasses.asdict(ControlTable()).items():
        assert OscCommands().command(f"/perpetuum/{name}", [value]) == {"set": {name: value}}


def test_every_slider_is_on_the_page():
    page = load()["/"].body.decode()
    for name, control in ROWS:
        assert (f' data-control="{name}"' in page) == bool(control.slider), name
        assert not control.slider or control.slider.label in page
    assert "<!--" not in page
