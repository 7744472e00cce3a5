"""The arguments of the smaller commands. Numbers stay text: the commands check them."""

from __future__ import annotations

import argparse
from pathlib import Path


def render(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `perpetuum render` that `play` does not have."""
    command.add_argument("file", metavar="OUT", help="a .mid or .wav file")
    command.add_argument("--split", type=Path, metavar="FOLDER", help="also write each tune alone")
    command.add_argument(
        "--score", type=Path, metavar="FILE", help="also write a .abc, .musicxml or .pdf file"
    )
    command.add_argument("--json", action="store_true", help="print the counters as JSON")


def silence(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `perpetuum silence`."""
    text = "also end all notes of this output; repeatable"
    command.add_argument("--out", action="append", metavar="SINK", help=text)


def learn(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `perpetuum learn`."""
    command.add_argument(
        "control", metavar="CONTROL", help="temperature, next, style:bach/jazz, part:bass ..."
    )
    command.add_argument(
        "--input", default="port:", metavar="PORT", help="MIDI input, by a part of its name"
    )
    command.add_argument("--map", type=Path, default=Path("map.toml"), metavar="FILE.toml")
    command.add_argument("--seconds", metavar="N", help="seconds to wait for it; 60 if omitted")


def replay(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `perpetuum replay`."""
    command.add_argument("file", type=Path, metavar="FILE.mid", help="a recording by perpetuum")
    command.add_argument("--voice", help="the voice it was recorded with, by name or file")
    command.add_argument(
        "--ensemble", metavar="FILE.toml", help="an ensemble that played, if it was a file"
    )
    command.add_argument(
        "--to", type=Path, metavar="OUT.mid", help="write the music that is composed again"
    )
    command.add_argument("--json", action="store_true", help="print facts as JSON")


def config(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `perpetuum config`."""
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--show", action="store_true", help="print all settings that apply, as TOML")
    what.add_argument("--check", type=Path, metavar="FILE.toml", help="check a configuration file")
    what.add_argument(
        "--document", action="store_true", help="print a page that documents every key"
    )
    command.add_argument(
        "--config", type=Path, metavar="FILE.toml", help="configuration file for --show"
    )


def day(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `perpetuum day`."""
    command.add_argument("--config", type=Path, metavar="FILE.toml", help="configuration file")


def score(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `perpetuum score`."""
    command.add_argument("files", nargs="+", type=Path, metavar="FILE.mid")
    command.add_argument("--voice", help="voice, by name or file")
    command.add_argument("--json", action="store_true", help="print facts as JSON")


def rate(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `perpetuum rate`."""
    command.add_argument("files", nargs="+", type=Path, metavar="FILE.mid")
    command.add_argument(
        "--stars", metavar="N", help="1 (bad) to 5 (good); if omitted, ask for each"
    )
    command.add_argument("--style", metavar="S", help="style that is rated; if omitted, any")
    command.add_argument(
        "--ratings", type=Path, default=Path("ratings.jsonl"), metavar="FILE.jsonl"
    )
