"""Checks of serial lines for MIDI: permissions, kernel messages and login prompts."""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Callable
from pathlib import Path

from stream.doctor.finding import Finding
from stream.doctor.systemd_unit import properties
from stream.util.installation import set_up_board

ACTIVE = Path("/sys/class/tty/console/active")
"""File in which Linux lists the lines that receive the kernel's messages."""
DEBUG_SOCKET = "ttyAMA10"
"""The line behind /dev/serial0 on a Pi 5: a connector of its own, apart from MIDI."""
PRIVILEGED = frozenset({"root", "tty"})
"""Groups of a line that serves as a terminal; their members can read every terminal."""
USUAL = "dialout"
"""The group of serial lines in Debian."""


def serial_line(
    device: Path, consoles: Path = ACTIVE, show: Callable[..., dict[str, str]] = properties
) -> Finding:
    """Check whether MIDI can use an existing line; `show` returns properties of a systemd unit."""
    name, line = f"serial {device}", device.resolve().name
    if line == DEBUG_SOCKET:
        return Finding(name, ok=True, detail="the debug socket of a Pi 5, not pins 8 and 10")
    if line in _consoles(consoles):
        remedy = (
            f"on a Raspberry Pi: {set_up_board('auto --midi uart')}; elsewhere: remove"
            f" console={line} from the kernel's command line; then reboot"
        )
        detail = "the kernel writes its messages to it"
        return Finding(name, ok=False, detail=detail, remedy=remedy)
    prompt = f"serial-getty@{line}.service"
    if show(prompt, ["ActiveState"]).get("ActiveState") == "active":
        remedy = f"sudo systemctl mask --now {prompt}, then reboot"
        return Finding(name, ok=False, detail="a login prompt uses it", remedy=remedy)
    if os.access(device, os.R_OK | os.W_OK):
        return Finding(name, ok=True, detail="can be opened")
    return _forbidden(name, device)


def _forbidden(name: str, device: Path) -> Finding:
    """Find the group that may open a line, by the line's own mode."""
    try:
        found = device.stat()
        group = grp.getgrgid(found.st_gid)
    except (KeyError, OSError) as error:
        remedy = f"sudo ls -l {device}"
        return Finding(name, ok=False, detail=f"no permission ({error})", remedy=remedy)
    both = stat.S_IRGRP | stat.S_IWGRP
    if group.gr_name in PRIVILEGED or found.st_mode & both != both:
        remedy = (
            f"sudo chgrp {USUAL} {device} && sudo chmod g+rw {device} &&"
            f" sudo usermod -aG {USUAL} $USER, then log in again"
        )
        return Finding(name, ok=False, detail="no permission, and no group has it", remedy=remedy)
    remedy = f"sudo usermod -aG {group.gr_name} $USER, then log in again"
    detail = f"no permission; group {group.gr_name} has it"
    return Finding(name, ok=False, detail=detail, remedy=remedy)


def _consoles(active: Path) -> list[str]:
    try:
        return active.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []
