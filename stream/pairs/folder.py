"""The folder of the paired browsers, of this account or of a service."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from stream.util.private_folder import state_folder

NAME = "pairs"
SERVICES = ("/var/lib", "/run")
"""Folders in which systemd keeps the folders of services; see `systemd.exec(5)`."""


def pairs_folder(environment: Mapping[str, str]) -> Path | None:
    """Return the service's folder (in memory if it may not write to the disk) or the account's.

    The result is None if the account has no home folder.
    """
    try:
        return state_folder(environment) / NAME
    except RuntimeError:
        return None


def pairs_folders(environment: Mapping[str, str]) -> list[Path]:
    """Return all folders that this account may manage: for root, those of services as well."""
    own = pairs_folder(environment)
    found = [own] if own and own.is_dir() else []
    if os.geteuid() == 0:
        for base in SERVICES:
            for each in sorted(Path(base).glob("perpetuum*")):
                folder = each / NAME
                if folder.is_dir() and folder not in found:
                    found.append(folder)
    return found
