"""Serial lines for MIDI: who may open them, and what else is on them."""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Callable
from pathlib import Path

from stream.doctor.finding import Finding
from stream.doctor.systemd_unit import properties

ACTIVE = Path("/sys/class/tty/console/active")
"""The lines that the kernel writes its messages to, as Linux names them."""
DEBUG_SOCKET = "ttyAMA10"
"""What /dev/serial0 is on a Pi 5: a socket of its own, where a console does no harm."""
PRIVILEGED = frozenset({"root", "tty"})
"""Groups that a line has while somebody logs in there; to join one is to see every terminal."""
USUAL = "dialout"
"""The group that serial lines have in Debian."""
SETUP = "sudo perpetuum setup auto --midi uart"


def serial_line(
    device: Path, consoles: Path = ACTIVE, show: Callable[..., dict[str, str]] = properties
) -> Finding:
    """Whether MIDI can go over a line that is there; `show` tells of systemd's units."""
    name, line = f"serial {device}", device.resolve().name
    if line == DEBUG_SOCKET:
        return Finding(name, ok=True, detail="the debug socket of a Pi 5, not pins 8 and 10")
    if line in _consoles(consoles):
        remedy = f"on a Raspberry Pi: {SETUP}; else take console={line} from the kernel's command"
        detail = "the kernel writes its messages to it"
        return Finding(name, ok=False, detail=detail, remedy=f"{remedy} line; then reboot")
    prompt = f"serial-getty@{line}.service"
    if show(prompt, ["ActiveState"]).get("ActiveState") == "active":
        remedy = f"sudo systemctl mask --now {prompt}, then reboot"
        return Finding(name, ok=False, detail="a login prompt is on it", remedy=remedy)
    if os.access(device, os.R_OK | os.W_OK):
        return Finding(name, ok=True, detail="can be opened")
    return _shut(name, device)


def _shut(name: str, device: Path) -> Finding:
    """Who has the permission that is missing, by the line's own mode."""
    try:
        found = device.stat()
        group = grp.getgrgid(found.st_gid)
    except (KeyError, OSError) as error:
        remedy = f"ls -l {device}, as root"
        return Finding(name, ok=False, detail=f"no permission ({error})", remedy=remedy)
    both = stat.S_IRGRP | stat.S_IWGRP
    if group.gr_name in PRIVILEGED or found.st_mode & both != both:
        remedy = (
            f"sudo chgrp {USUAL} {device} && sudo chmod g+rw {device} &&"
            f" sudo usermod -aG {USUAL} $USER, then log in again"
        )
        return Finding(name, ok=False, detail="no permission; no group has it", remedy=remedy)
    remedy = f"sudo usermod -aG {group.gr_name} $USER, then log in again"
    detail = f"no permission; group {group.gr_name} has it"
    return Finding(name, ok=False, detail=detail, remedy=remedy)


def _consoles(active: Path) -> list[str]:
    try:
        return active.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []
