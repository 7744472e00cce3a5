"""Where recordings are kept when the listener names no folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stream.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping


def recordings_folder(environment: Mapping[str, str]) -> Path:
    """The service's, which is in memory where it may not write to the disk, or the account's.

    Raises `SettingsError` where there is no home.
    """
    if state := environment.get("STATE_DIRECTORY") or environment.get("RUNTIME_DIRECTORY"):
        # systemd gives several, if there are.
        return Path(state.partition(":")[0]) / "recordings"
    if state := environment.get("XDG_STATE_HOME"):
        return Path(state) / "perpetuum" / "recordings"
    try:
        return Path("~/.local/state/perpetuum/recordings").expanduser()
    except RuntimeError as error:  # neither HOME nor an account with a home
        raise SettingsError(
            "recordings: nothing is recorded, for there is no home folder; say where: --recordings"
            " FOLDER, or --record 0"
        ) from error
