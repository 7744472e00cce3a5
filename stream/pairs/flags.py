"""The flags of `perpetuum pairs`."""

from __future__ import annotations

import argparse


def pairs_flags(command: argparse.ArgumentParser) -> None:
    """Add the actions of the command."""
    command.add_argument("--json", action="store_true", help="print facts as JSON")
    actions = command.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("add", help="show a QR code that pairs one more browser within 10 minutes")
    revoke = actions.add_parser("revoke", help="forget a browser, which then has to pair again")
    revoke.add_argument("name", nargs="+", metavar="NAME", help="name in the list, or 'all'")
