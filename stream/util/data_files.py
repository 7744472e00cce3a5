"""Files that come with the program but are no Python: board set-ups and systemd units."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from stream.errors import SettingsError
from stream.util.installation import CHECKOUT, again, is_checkout


def shared_files(name: str) -> Path:
    """A folder of the checkout, or where `pip install` puts it. Raises `SettingsError`."""
    if is_checkout():
        return CHECKOUT / name
    installed = Path(sysconfig.get_path("data"), "share", "perpetuum", name)
    if installed.is_dir():
        return installed
    raise SettingsError(f"{installed}: not there; install the program again: {again()}")
