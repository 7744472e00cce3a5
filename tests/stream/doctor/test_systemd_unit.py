import pathlib
import subprocess

import pytest

from stream.doctor import systemd_unit
from stream.doctor.finding import Finding
from stream.doctor.systemd_unit import services
from stream.util import installation

SHUT = {"LoadState": "loaded", "PrivateNetwork": "yes"}
OPEN = {"LoadState": "loaded", "PrivateNetwork": "no"}
NONE = {"LoadState": "not-found", "PrivateNetwork": "no"}


def found(folder, text, unit, name="perpetuum"):
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    asked = []

    def show(unit_name):
        asked.append(unit_name)
        return unit

    findings = list(services(folder, show))
    path.unlink()
    return asked, findings


def test_controllers_without_network_come_with_the_remedy(tmp_path):
    text = 'panel = "0.0.0.0:8765"\nosc = "0.0.0.0:9000"\ninput = "UM-ONE"\n'
    path = tmp_path / "perpetuum.toml"
    sets = (
        f"{path} sets panel 0.0.0.0:8765, osc 0.0.0.0:9000, but the service may not use the network"
    )
    appliance = installation.CHECKOUT / "setup" / "appliance.sh"
    shut = Finding("service perpetuum", False, sets, f"sudo {appliance} --network")
    says = f"controlled by panel 0.0.0.0:8765, osc 0.0.0.0:9000, input UM-ONE, set in {path}"
    assert found(tmp_path, text, SHUT) == (["perpetuum.service"], [shut])
    assert found(tmp_path, text, OPEN)[1] == [Finding("service perpetuum", True, says)]
    assert found(tmp_path, text, NONE)[1] == []


@pytest.mark.parametrize(("name", "folder"), [("perpetuum", ""), ("perpetuum@left", "@")])
def test_a_wheel_brings_the_drop_in_itself(tmp_path, monkeypatch, name, folder):
    monkeypatch.setattr(installation, "CHECKOUT", tmp_path)
    monkeypatch.setattr(systemd_unit, "shared_files", lambda name: pathlib.Path("/a share", name))
    stem = name.rpartition("@")[2]
    (finding,) = found(tmp_path, 'panel = "0.0.0.0:8765"\n', SHUT, stem)[1]
    assert finding.remedy == (
        "sudo install -D -m 644 '/a share/systemd/network.conf'"
        f" /etc/systemd/system/perpetuum{folder}.service.d/network.conf &&"
        f" sudo systemctl daemon-reload && sudo systemctl restart {name}"
    )


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ('out = ["port"]\n', "no panel, OSC, MQTT or MIDI input"),
        ('input = "UM"\n', "controlled by input UM"),
    ],
)
def test_a_service_without_network_controllers_is_well(tmp_path, text, by):
    finding = Finding("service perpetuum@left", True, f"{by}, set in {tmp_path / 'left.toml'}")
    assert found(tmp_path, text, SHUT, "left") == (["perpetuum@left.service"], [finding])


def test_settings_that_are_wrong(tmp_path):
    _, (finding,) = found(tmp_path, 'polka = "1"\n', SHUT)
    assert "polka: unknown key" in finding.detail
    assert (finding.ok, finding.remedy) == (
        False,
        "correct it, then: sudo systemctl restart perpetuum",
    )


def test_properties_of_a_unit(monkeypatch):
    def told(command, **options):
        return subprocess.CompletedProcess(command, 0, "LoadState=loaded\nPrivateNetwork=yes\n")

    def nobody(command, **options):
        raise FileNotFoundError(command[0])

    monkeypatch.setattr(systemd_unit.subprocess, "run", told)
    assert systemd_unit._properties("perpetuum.service") == SHUT
    monkeypatch.setattr(systemd_unit.subprocess, "run", nobody)
    assert systemd_unit._properties("perpetuum.service") == {}
