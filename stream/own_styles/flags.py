"""The arguments of the command `perpetuum style`."""

from __future__ import annotations

import argparse
from pathlib import Path


def style_flags(command: argparse.ArgumentParser) -> None:
    """Add the actions of the command."""
    command.add_argument("--json", action="store_true", help="print facts as JSON")
    actions = command.add_subparsers(dest="action", metavar="ACTION")
    learn = actions.add_parser("learn", help="learn a style from tunes")
    learn.add_argument("name", metavar="NAME", help="name of the style, such as my-tunes")
    learn.add_argument(
        "files", nargs="*", type=Path, metavar="FILE",
        help="tunes in .abc, .mid, .musicxml or .mxl, or folders of them",
    )  # fmt: skip
    learn.add_argument("--kept", action="store_true", help="learn from the kept tunes")
    learn.add_argument("--stars", metavar="N", help="only from kept tunes of N stars or more")
    learn.add_argument("--voice", help="voice to learn with, by name or file; commons if omitted")
    learn.add_argument("--replace", action="store_true", help="replace a style of that name")
    actions.add_parser("list", help="list the own styles")
    show = actions.add_parser("show", help="show what is known of a style")
    show.add_argument("name", metavar="NAME")
    add = actions.add_parser("add", help="add a style that somebody has shared")
    add.add_argument("file", type=Path, metavar="FILE.style.json")
    add.add_argument("--name", metavar="NAME", help="name it otherwise")
    rename = actions.add_parser("rename", help="rename a style")
    rename.add_argument("name", metavar="NAME")
    rename.add_argument("new", metavar="NEW")
    delete = actions.add_parser("delete", help="delete a style")
    delete.add_argument("name", metavar="NAME")
