"""The arguments of the command `perpetuum kept`."""

from __future__ import annotations

import argparse
from pathlib import Path

ACTIONS = ("list", "save", "print", "delete")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments to the parser of the command."""
    command.add_argument("action", nargs="?", default="list", metavar="|".join(ACTIONS))
    command.add_argument("number", nargs="?", metavar="N", help="number of a kept tune")
    command.add_argument(
        "file", nargs="?", metavar="FILE", help="to save: a .mid, .abc, .musicxml or .pdf file"
    )
    command.add_argument("--as", dest="form", default="abc", metavar="abc|musicxml|mid")
    command.add_argument("--kept", type=Path, metavar="FOLDER", help="folder of the kept tunes")
    command.add_argument("--json", action="store_true", help="list facts as JSON")
