"""The flags of `perpetuum setup`."""

from __future__ import annotations

import argparse
from pathlib import Path


def setup_flags(command: argparse.ArgumentParser) -> None:
    """Add the flags of `perpetuum setup`."""
    command.add_argument(
        "board",
        nargs="?",
        default="auto",
        metavar="BOARD",
        help="zero2w, pi3, pi3a, pi4, pi5 or auto (the default)",
    )
    command.add_argument("--midi", default="none", help="uart, gadget (USB device), usb or none")
    command.add_argument(
        "--audio",
        default="none",
        help="headphones, hdmi, hifiberry-dac, hifiberry-dacplus, pcm5102 or none",
    )
    command.add_argument(
        "--fast-boot", action="store_true", help="boot faster, without waiting for the network"
    )
    command.add_argument("--dry-run", action="store_true", help="print a diff and change nothing")
    command.add_argument("--undo", action="store_true", help="restore the files from before")
    command.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        metavar="DIR",
        help="root folder of a mounted card, instead of this system",
    )
