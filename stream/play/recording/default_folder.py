"""The folder of recordings when the listener names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.errors import SettingsError
from stream.util.private_folder import state_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def recordings_folder(environment: Mapping[str, str]) -> Path:
    """Return the service's folder (in memory if it may not write to the disk) or the account's.

    Raises `SettingsError` if the account has no home folder.
    """
    try:
        return state_folder(environment) / "recordings"
    except RuntimeError as error:  # neither HOME nor an account with a home
        raise SettingsError(
            "recordings: nothing is recorded, because there is no home folder; name a folder with"
            " --recordings FOLDER, or turn recording off with --record 0"
        ) from error
