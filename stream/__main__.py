"""The command line: parse, load the settings, call one function."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from stream.errors import StreamError
from stream.music.controls import CONTROLS, User, used_by
from stream.util import console
from stream.util.argument_parser import Parser, VersionAction

PANEL, OSC = "127.0.0.1:8765", "127.0.0.1:9000"
SINKS = (
    "port[:PART], virtual:NAME, serial:DEVICE[@BAUD], fluidsynth[:FILE.sf2], osc:HOST:PORT,"
    " file:PATH, null; audio[:PART] for a voice that makes sound itself"
)


def parser() -> argparse.ArgumentParser:
    """All commands and their flags. Numbers stay text: the settings check them all in one place."""
    top = Parser(prog="perpetuum", description="Music that never stops and never repeats.")
    top.add_argument("--version", action=VersionAction)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    play = commands.add_parser("play", help="play until stopped")
    play.add_argument("--out", action="append", metavar="SINK", help=f"output, repeatable: {SINKS}")
    play.add_argument("--absent", metavar="refuse|await", help="what to do about a missing output")
    play.add_argument("--stats", metavar="FILE.json", help="keep counters in this file")
    _music(play)
    _hands(play)

    render = commands.add_parser("render", help="write the stream to a file, faster than it plays")
    render.add_argument("file", metavar="OUT", help="a .mid or .wav file")
    render.add_argument("--json", action="store_true", help="print the counters as JSON")
    _music(render)

    score = commands.add_parser("score", help="bits per note that a voice gives to real music")
    score.add_argument("files", nargs="+", type=Path, metavar="FILE.mid")
    score.add_argument("--voice", help="voice, by name or file")
    score.add_argument("--json", action="store_true", help="print facts as JSON")

    explain = commands.add_parser("explain", help="why a phrase is played: candidates and rules")
    explain.add_argument("--phrase", default="1", metavar="N", help="the Nth of the stream")
    explain.add_argument("--json", action="store_true", help="print facts as JSON")
    _composing(explain)
    _controls(explain, ("bpm",))
    explain.add_argument("--count", metavar="K", help="as --candidates")

    rate = commands.add_parser("rate", help="say how good rendered files are, 1 to 5 stars")
    rate.add_argument("files", nargs="+", type=Path, metavar="FILE.mid")
    rate.add_argument("--stars", metavar="N", help="1 (bad) to 5 (good); asked for if not given")
    rate.add_argument("--style", metavar="S", help="the style that is rated; without: any")
    rate.add_argument("--ratings", type=Path, default=Path("ratings.jsonl"), metavar="FILE.jsonl")

    _replay(commands.add_parser("replay", help="compose a recording again, and compare"))

    silence = commands.add_parser("silence", help="end the notes that a killed player left")
    silence.add_argument("--out", action="append", metavar="SINK", help="and all in this output")

    _config(commands.add_parser("config", help="show, check or document the configuration"))

    _learn(commands.add_parser("learn", help="let a knob of the MIDI input move a control"))

    _setup(commands.add_parser("setup", help="make an appliance of a Raspberry Pi (as root)"))

    for name, text in (
        ("voices", "list the voices that came with the program"),
        ("ports", "list the MIDI outputs and inputs of this machine"),
        ("profiles", "list the synthesizers that --profile knows"),
        ("doctor", "what is missing on this machine, and the command that mends it"),
    ):
        facts = commands.add_parser(name, help=text)
        facts.add_argument("--json", action="store_true", help="print facts as JSON")
    return top


def _learn(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "control", metavar="CONTROL", help="temperature, next, style:bach/jazz ..."
    )
    command.add_argument(
        "--input", default="port:", metavar="PORT", help="MIDI input, by a part of its name"
    )
    command.add_argument("--map", type=Path, default=Path("map.toml"), metavar="FILE.toml")
    command.add_argument("--seconds", metavar="N", help="wait so long for the knob; 60")


def _replay(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE.mid", help="a recording of perpetuum's")
    command.add_argument("--voice", help="the voice it was recorded with, by name or file")
    command.add_argument("--to", type=Path, metavar="OUT.mid", help="write what was composed again")
    command.add_argument("--json", action="store_true", help="print facts as JSON")


def _config(command: argparse.ArgumentParser) -> None:
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--show", action="store_true", help="print all that applies, as TOML")
    what.add_argument("--check", type=Path, metavar="FILE.toml", help="say what is wrong with it")
    what.add_argument("--document", action="store_true", help="print a page about every key")
    command.add_argument("--config", type=Path, metavar="FILE.toml", help="what to show")


def _setup(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "board",
        nargs="?",
        default="auto",
        metavar="BOARD",
        help="zero2w, pi3, pi3a, pi4, pi5 or auto, the default",
    )
    command.add_argument("--midi", default="none", help="uart, gadget (USB device), usb or none")
    command.add_argument(
        "--audio",
        default="none",
        help="headphones, hdmi, hifiberry-dac, hifiberry-dacplus, pcm5102 or none",
    )
    command.add_argument("--fast-boot", action="store_true", help="boot without waiting")
    command.add_argument("--dry-run", action="store_true", help="print a diff, change nothing")
    command.add_argument("--undo", action="store_true", help="bring back what was there before")
    command.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        metavar="DIR",
        help="the root of a mounted card, not this system",
    )


def _hands(command: argparse.ArgumentParser) -> None:
    for flag, metavar, address in (("panel", "HOST:PORT", PANEL), ("osc", "HOST:PORT", OSC)):
        command.add_argument(
            f"--{flag}", nargs="?", const=address, metavar=metavar, help=f"serve it at {address}"
        )
    command.add_argument(
        "--osc-to", action="append", metavar="HOST", help="whom OSC may have sent to; repeatable"
    )
    command.add_argument("--input", metavar="PORT", help="MIDI input, by a part of its name")
    command.add_argument("--map", metavar="FILE.toml", help="what the input's controllers move")
    command.add_argument("--answer", metavar="MODE", help="off, answer, duet or seed")
    command.add_argument("--thru", action="store_true", default=None, help="pass the input on")
    command.add_argument("--clock", metavar="MODE", help="off, send, follow or link")
    command.add_argument(
        "--responsive", action="store_true", default=None, help="heed controls at the next note"
    )
    command.add_argument("--record", metavar="HOURS", help="kept as rolling recordings, 0: none")
    command.add_argument("--recordings", metavar="FOLDER", help="where they are kept")


def _music(command: argparse.ArgumentParser) -> None:
    _composing(command)
    _controls(command, used_by(User.PLAYER))
    command.add_argument("--profile", metavar="SYNTH", help="'perpetuum profiles' lists them")
    command.add_argument(
        "--channels",
        metavar="PART=N,...",
        help="of soprano, alto, tenor, bass or melody, chords, bass",
    )
    command.add_argument("--cc", metavar="NAME=N,...", help="controllers to be set at the start")
    command.add_argument("--volume", metavar="V", help="of a voice that makes sound itself, 0-4")
    command.add_argument("--minutes", metavar="M", help="end on the first phrase end after M")


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
    """Run one command; one line and an exit code for whatever the user can mend."""
    console.prepare()
    try:
        return _run(argv)
    except StreamError as error:
        console.complain(str(error))
        return error.exit_code
    except (KeyboardInterrupt, BrokenPipeError):
        # Before or after the music: nothing sounds. Or whoever read us has heard enough.
        return 0
    finally:
        console.leave()


def _run(argv: Sequence[str] | None) -> int:
    args = parser().parse_args(argv)
    # Each command brings its own imports: `play` must not wait for what only `score` needs.
    command = importlib.import_module(f"stream.commands.{args.command}")
    code = int(command.run(args))
    # Here, where a reader that has gone is caught, not when the interpreter ends.
    console.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
