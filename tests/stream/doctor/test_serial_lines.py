"""Findings about serial lines: their modes, and other programs that use them."""

import grp
import os
import pathlib

import pytest

from stream.doctor import serial_lines
from stream.doctor.serial_lines import serial_line

GROUPS = {0: "root", 5: "tty", 20: "dialout", 1000: "me"}


@pytest.fixture
def line(tmp_path, monkeypatch):
    """A line of any mode and group that this process may not open, and what is on it."""
    device = tmp_path / "ttyAMA0"
    device.touch()
    consoles = tmp_path / "active"

    def look(*, mode=0o660, group=20, active="tty1", units="inactive", access=False):
        consoles.write_text(f"{active}\n")
        status = os.stat_result((0o020000 | mode, 0, 0, 1, 0, group, 0, 0, 0, 0))
        monkeypatch.setattr(pathlib.Path, "stat", lambda self, **options: status)
        monkeypatch.setattr(
            grp, "getgrgid", lambda number: grp.struct_group((GROUPS[number], "x", number, []))
        )
        monkeypatch.setattr(serial_lines.os, "access", lambda path, wanted: access)
        return serial_line(device, consoles, lambda unit, names: {"ActiveState": units})

    return look


def test_a_group_that_has_the_permission_is_joined(line):
    finding = line()
    assert (finding.ok, finding.detail) == (False, "no permission; group dialout has it")
    assert finding.remedy == "sudo usermod -aG dialout $USER, then log in again"
    assert line(group=1000).remedy == "sudo usermod -aG me $USER, then log in again"


@pytest.mark.parametrize(
    ("mode", "group"), [(0o660, 0), (0o620, 5), (0o660, 5), (0o600, 20), (0o640, 20)]
)
def test_no_remedy_joins_root_or_tty_or_a_group_without_the_permission(line, mode, group):
    finding = line(mode=mode, group=group)
    assert (finding.ok, finding.detail) == (False, "no permission, and no group has it")
    assert "usermod -aG dialout $USER" in finding.remedy
    assert "chgrp dialout" in finding.remedy
    assert "chmod g+rw" in finding.remedy


@pytest.mark.parametrize("access", [True, False])
def test_a_console_and_a_login_prompt_are_told_first(line, access):
    """Root may open the line, and would hear the kernel on its synthesizer."""
    console = line(active="tty1 ttyAMA0", access=access, group=5)
    assert (console.ok, console.detail) == (False, "the kernel writes its messages to it")
    assert "setup auto --midi uart" in console.remedy
    assert "console=ttyAMA0" in console.remedy
    prompt = line(units="active", access=access, group=5)
    assert (prompt.ok, prompt.detail) == (False, "a login prompt uses it")
    assert "systemctl mask --now serial-getty@ttyAMA0.service" in prompt.remedy


def test_a_line_that_can_be_opened(line):
    assert line(access=True).ok


def test_the_debug_socket_of_a_pi_5_may_have_its_console(tmp_path):
    (tmp_path / "ttyAMA10").touch()
    (tmp_path / "serial0").symlink_to("ttyAMA10")
    (tmp_path / "active").write_text("ttyAMA10\n")
    finding = serial_line(tmp_path / "serial0", tmp_path / "active", lambda unit, names: {})
    assert finding.ok
    assert "debug socket" in finding.detail


def test_where_nothing_is_known_of_consoles_or_units(tmp_path):
    (tmp_path / "ttyS0").touch()
    assert serial_line(tmp_path / "ttyS0", tmp_path / "missing", lambda unit, names: {}).ok
