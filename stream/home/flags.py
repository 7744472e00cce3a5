"""The flags for home automation, and for being found in the local network."""

from __future__ import annotations

import argparse


def add_home_flags(command: argparse.ArgumentParser) -> None:
    """Add them to a command that plays."""
    command.add_argument(
        "--mqtt", metavar="HOST[:PORT]", help="MQTT broker through which Home Assistant plays"
    )
    command.add_argument(
        "--mqtt-credentials", metavar="FILE", help="file with user name and password, a line each"
    )
    command.add_argument(
        "--mqtt-tls", action="store_true", default=None, help="encrypt the connection to the broker"
    )
    command.add_argument(
        "--mqtt-ca", metavar="FILE", help="certificate of the authority that signed the broker's"
    )
    command.add_argument(
        "--mdns", action="store_true", default=None, help="announce panel and OSC in the network"
    )
    command.add_argument("--name", metavar="NAME", help="name of the player in the house")
    command.add_argument(
        "--pairing-code", metavar="FILE", help="file with a code of your own for the panel"
    )
