"""The command line: parse, load the settings, call one function."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from stream import arguments
from stream.errors import StreamError
from stream.home.flags import add_home_flags
from stream.kept.arguments import add_arguments
from stream.music.controls import CONTROLS, User, used_by
from stream.own_styles.flags import style_flags
from stream.pairs.flags import pairs_flags
from stream.setup.flags import setup_flags
from stream.taste.arguments import taste_arguments
from stream.util import console
from stream.util.argument_parser import Parser, VersionAction

MODULES = {
    "day": "stream.day.command",
    "kept": "stream.kept.command",
    "pairs": "stream.pairs.command",
    "taste": "stream.taste.command",
    "style": "stream.own_styles.command",
}
"""Modules of the commands that are not in `stream.commands`."""
SERVERS = (("panel", "web panel", 8765), ("radio", "MP3 stream", 8766), ("osc", "OSC", 9000))
SINKS = (
    "port[:PART], virtual:NAME, serial:DEVICE[@BAUD], fluidsynth[:FILE.sf2], osc:HOST:PORT,"
    " radio[:HOST:PORT], file:PATH, null, each for some parts only as SINK=bass,drums; audio[:PART]"
    " for a voice that generates sound"
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands. Numbers stay text: the settings check them."""
    top = Parser(prog="perpetuum", description="Music that never stops and never repeats.")
    top.add_argument("--version", action=VersionAction)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    play = commands.add_parser("play", help="play until stopped")
    play.add_argument("--out", action="append", metavar="SINK", help=f"output, repeatable: {SINKS}")
    play.add_argument(
        "--absent", metavar="refuse|await", help="if an output is missing: end, or wait for it"
    )
    play.add_argument("--stats", metavar="FILE.json", help="write counters to this file")
    _music(play)
    _controllers(play)

    render = commands.add_parser("render", help="write the stream to a file, faster than it plays")
    arguments.render(render)
    _music(render)

    score = commands.add_parser("score", help="measure how well a voice predicts real music")
    arguments.score(score)

    explain = commands.add_parser("explain", help="show the candidates and rules for a phrase")
    explain.add_argument(
        "--phrase", default="1", metavar="N", help="number of the phrase in the stream, from 1"
    )
    explain.add_argument("--json", action="store_true", help="print facts as JSON")
    _composing(explain)
    _controls(explain, ("bpm",))
    explain.add_argument("--count", metavar="K", help="same as --candidates")
    explain.add_argument("--kept", metavar="FOLDER", help="use the favourites of kept tunes")

    for add, name, text in (
        (arguments.rate, "rate", "rate rendered files, 1 to 5 stars"),
        (arguments.replay, "replay", "compose a recording again and compare it"),
        (add_arguments, "kept", "list, save or delete the kept tunes"),
        (taste_arguments, "taste", "learn from the stars of kept tunes, and explain it"),
        (arguments.silence, "silence", "end notes that a killed player left sounding"),
        (arguments.config, "config", "show, check or document the configuration"),
        (arguments.learn, "learn", "assign a knob of the MIDI input to a control"),
        (setup_flags, "setup", "make a Raspberry Pi an appliance (as root)"),
        (style_flags, "style", "learn a style from tunes; list, add or delete own styles"),
        (pairs_flags, "pairs", "list, add or revoke browsers of the panel"),
        (arguments.day, "day", "list what the day plays, today and in the next week"),
    ):
        add(commands.add_parser(name, help=text))

    for name, text in (
        ("voices", "list the voices that came with the program"),
        ("ports", "list the MIDI outputs and inputs of this machine"),
        ("profiles", "list the synthesizers that --profile knows"),
        ("ensembles", "list the ensembles that --ensemble knows"),
        ("doctor", "list what is missing on this machine, and the command that adds it"),
    ):
        facts = commands.add_parser(name, help=text)
        facts.add_argument("--json", action="store_true", help="print facts as JSON")
    return top


def _controllers(command: argparse.ArgumentParser) -> None:
    for flag, text, port in SERVERS:
        usual = f"127.0.0.1:{port}"
        about = f"serve {text}, at {usual} unless an address is given"
        command.add_argument(f"--{flag}", nargs="?", const=usual, metavar="HOST:PORT", help=about)
    command.add_argument(
        "--osc-to", action="append", metavar="HOST", help="host that OSC may send to; repeatable"
    )
    command.add_argument("--input", metavar="PORT", help="MIDI input, by a part of its name")
    command.add_argument("--map", metavar="FILE.toml", help="assignments of its controllers")
    command.add_argument("--answer", metavar="MODE", help="off, answer, duet, seed or accompany")
    command.add_argument("--thru", action="store_true", default=None, help="forward the input")
    command.add_argument("--clock", metavar="MODE", help="off, send, follow or link")
    command.add_argument(
        "--responsive", action="store_true", default=None, help="apply controls at the next note"
    )
    command.add_argument(
        "--record", metavar="HOURS", help="hours of recordings to keep; 0: no recordings"
    )
    command.add_argument("--recordings", metavar="FOLDER", help="folder of the recordings")
    command.add_argument("--fade", metavar="SECONDS", help="fade before the end")
    command.add_argument("--fade-in", metavar="SECONDS", help="fade in at the beginning")
    command.add_argument("--every", metavar="M", help="minutes from one tune to the next")
    command.add_argument("--kept", metavar="FOLDER", help="folder of the kept tunes")
    add_home_flags(command)


def _music(command: argparse.ArgumentParser) -> None:
    _composing(command)
    _controls(command, (*used_by(User.PLAYER), *used_by(User.OUTPUTS)))
    command.add_argument("--profile", metavar="SYNTH", help="'perpetuum profiles' lists them")
    command.add_argument(
        "--channels",
        metavar="PART=N,...",
        help="channels of soprano, alto, tenor, bass or of melody, chords, bass",
    )
    command.add_argument("--cc", metavar="NAME=N,...", help="controllers to set at the start")
    command.add_argument("--gain", metavar="G", help="gain of a voice that generates sound, 0-4")
    command.add_argument(
        "--minutes", metavar="M", help="end with the phrase that is playing after M minutes"
    )


def _composing(command: argparse.ArgumentParser) -> None:
    command.add_argument("--voice", help="voice, by name or file")
    command.add_argument("--seed", metavar="N", help="the same seed gives the same music")
    command.add_argument("--config", type=Path, metavar="FILE.toml", help="settings from a file")
    _controls(command, used_by(User.COMPOSER))


def _controls(command: argparse.ArgumentParser, names: Iterable[str]) -> None:
    """Add a flag for each of these controls."""
    for name in names:
        control = CONTROLS[name]
        command.add_argument(
            f"--{name.replace('_', '-')}", metavar=control.metavar, help=control.help
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and turn a `StreamError` into one line and an exit code."""
    console.prepare()
    try:
        return _run(argv)
    except StreamError as error:
        console.complain(str(error))
        return error.exit_code
    except (KeyboardInterrupt, BrokenPipeError):
        # Interrupted while no music plays, or the reader of a pipe has gone.
        return 0
    finally:
        console.discard_unwritten()


def _run(argv: Sequence[str] | None) -> int:
    args = parser().parse_args(argv)
    # Each command has its own imports: `play` must not wait for what only `score` needs.
    module = MODULES.get(args.command, f"stream.commands.{args.command}")
    command = importlib.import_module(module)
    code = int(command.run(args))
    # Flushed here, where a closed pipe is caught, not when the interpreter ends.
    console.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
