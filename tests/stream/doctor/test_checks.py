import argparse
import json
import re

import pytest

from stream.commands import doctor as command
from stream.doctor import checks
from stream.doctor.checks import Finding, diagnose
from stream.errors import InputError, SinkError, VoiceError
from stream.util import installation


def test_every_fault_comes_with_its_remedy():
    assert [finding for finding in diagnose() if bool(finding.remedy) == finding.ok] == []


def test_what_music_needs_is_here():
    needed = {"python", "numpy", "onnxruntime", "mido", "libfluidsynth", "soundfont"}
    assert {finding.name for finding in diagnose() if finding.ok} >= needed


def test_missing_library(monkeypatch):
    monkeypatch.setattr(checks.ctypes.util, "find_library", lambda name: None)
    assert checks._library("fluidsynth", "libfluidsynth3") == Finding(
        "libfluidsynth", False, "not installed", "sudo apt-get install libfluidsynth3"
    )


def test_missing_package():
    assert checks._package("no_such_package") == Finding(
        "no_such_package", False, "not installed", installation.install_library("no_such_package")
    )


def test_the_libraries_of_outputs():
    assert {finding.name for finding in diagnose() if finding.ok} >= {"pyserial", "pyfluidsynth"}
    assert checks._output("no-such-library") == Finding(
        "no-such-library", False, "not installed", installation.install_library("no-such-library")
    )


def test_the_library_of_a_controller(monkeypatch):
    assert checks._extra("panel", "pytest").ok
    assert checks._extra("panel", "no-such-library") == Finding(
        "panel", False, "no-such-library is not installed", installation.install_extra("panel")
    )


@pytest.mark.parametrize(
    ("names", "ok", "detail"),
    [
        (
            ["Midi Through:Port-0 14:0", "Keystation 24:0", "K2 28:0"],
            True,
            "Keystation 24:0, K2 28:0",
        ),
        (["Midi Through:Port-0 14:0"], False, "none found"),
        (InputError("no rtmidi"), False, "no rtmidi"),
    ],
)
def test_inputs(monkeypatch, names, ok, detail):
    def port_list():
        if isinstance(names, InputError):
            raise names
        return names

    monkeypatch.setattr(checks, "port_list", port_list)
    finding = checks._inputs()
    assert (finding.name, finding.ok, finding.detail) == ("midi inputs", ok, detail)


def test_missing_soundfont(monkeypatch):
    def none() -> None:
        raise SinkError("no SoundFont")

    monkeypatch.setattr(checks, "find_soundfont", none)
    assert checks._soundfont().remedy == "sudo apt-get install timgm6mb-soundfont"


def test_damaged_voice(monkeypatch, tmp_path):
    def damaged(path):
        raise VoiceError(f"{path.name}: damaged")

    monkeypatch.setattr(checks, "shipped_voices", lambda: (tmp_path / "a.onnx",))
    monkeypatch.setattr(checks, "read_spec", damaged)
    damage = Finding("voice a", False, "a.onnx: damaged", installation.reinstall())
    assert checks._voices() == (damage,)


def test_serial_lines_that_are_there(monkeypatch, tmp_path):
    device = tmp_path / "ttyAMA0"
    monkeypatch.setattr(checks, "SERIAL_DEVICES", (str(device),))
    (missing,) = checks._serial()
    assert (missing.name, missing.ok) == ("serial", False)
    assert "setup auto --midi uart" in missing.remedy
    device.touch()
    assert [finding.name for finding in checks._serial()] == [f"serial {device}"]


def test_a_wheel_has_no_makefile_and_no_setup(monkeypatch, tmp_path):
    """Its user gets commands that a wheel's interpreter, or the system, has."""
    monkeypatch.setattr(installation, "CHECKOUT", tmp_path)
    monkeypatch.setattr(checks.ctypes.util, "find_library", lambda name: None)
    monkeypatch.setattr(checks.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(checks, "shipped_voices", lambda: ())
    monkeypatch.setattr(checks, "EXTRAS", {"panel": "no-such-library"})
    remedies = [finding.remedy for finding in diagnose() if not finding.ok]
    assert any(each.endswith("-m pip install 'numpy>=1.26'") for each in remedies)
    assert any("-m pip install 'aiohttp>=3.10'" in each for each in remedies)
    assert [each for each in remedies if re.search(r"\bmake\b|setup/|--editable", each)] == []


def test_table(monkeypatch, capsys):
    findings = (Finding("mido", True, "1.3.3"), Finding("audio", False, "none", "buy one"))
    monkeypatch.setattr(command, "diagnose", lambda: findings)
    assert command.run(argparse.Namespace(json=False)) == 0
    assert capsys.readouterr().out == "ok  mido   1.3.3\n--  audio  none\n           buy one\n"


def test_without_its_libraries_it_says_so(monkeypatch, capsys):
    """A wheel installed with --no-deps lacks them, and so does a damaged environment."""
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "mido" else name)
    assert command.run(argparse.Namespace(json=False)) == 0
    remedy = installation.install_library("mido")
    assert capsys.readouterr().out == f"--  mido  not installed\n          {remedy}\n"


def test_json(capsys):
    assert command.run(argparse.Namespace(json=True)) == 0
    facts = json.loads(capsys.readouterr().out)
    assert {tuple(fact) for fact in facts} == {("name", "ok", "detail", "remedy")}
