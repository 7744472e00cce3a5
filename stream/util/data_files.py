"""Files other than Python that come with the program: board set-ups and systemd units."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from stream.errors import SettingsError
from stream.util.installation import CHECKOUT, is_checkout, reinstall


def shared_files(name: str) -> Path:
    """Return a folder of the checkout, or where pip installed it. Raises `SettingsError`."""
    if is_checkout():
        return CHECKOUT / name
    installed = Path(sysconfig.get_path("data"), "share", "perpetuum", name)
    if installed.is_dir():
        return installed
    raise SettingsError(f"{installed}: missing; install the program again: {reinstall()}")
