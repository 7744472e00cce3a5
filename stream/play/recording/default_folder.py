"""The folder of recordings when the listener names none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stream.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping


def recordings_folder(environment: Mapping[str, str]) -> Path:
    """Return the service's folder (in memory if it may not write to the disk) or the account's.

    Raises `SettingsError` if the account has no home folder.
    """
    if state := environment.get("STATE_DIRECTORY") or environment.get("RUNTIME_DIRECTORY"):
        # systemd separates several folders by colons.
        return Path(state.partition(":")[0]) / "recordings"
    if state := environment.get("XDG_STATE_HOME"):
        return Path(state) / "perpetuum" / "recordings"
    try:
        return Path("~/.local/state/perpetuum/recordings").expanduser()
    except RuntimeError as error:  # neither HOME nor an account with a home
        raise SettingsError(
            "recordings: nothing is recorded, because there is no home folder; name a folder with"
            " --recordings FOLDER, or turn recording off with --record 0"
        ) from error
