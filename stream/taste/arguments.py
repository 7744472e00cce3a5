"""The arguments of the command `perpetuum taste`."""

from __future__ import annotations

import argparse
from pathlib import Path


def taste_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments to the parser of the command."""
    command.add_argument("--kept", type=Path, metavar="FOLDER", help="folder of the kept tunes")
    command.add_argument("--json", action="store_true", help="print the taste as JSON")
