"""A parser of flags that says in one line what is wrong, and what may have been meant."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from stream.util import console
from stream.util.suggestion import did_you_mean
from stream.util.version import program_version

FLAG = re.compile("--?[A-Za-z]")


class Parser(argparse.ArgumentParser):
    """`argparse`'s, which speaks through the console."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As `argparse` has it; ends the program for `--help` and for a mistake."""
        found, rest = self.parse_known_args(args, namespace)
        if rest:
            strange = next((word for word in rest if word.startswith("-")), rest[0])
            self._fail(f"{strange}: unknown{did_you_mean(_flag(strange), _flags(self, found))}")
        return found

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As `argparse` has it; a flag that is mistyped is named before one that is missing."""
        self._words = sys.argv[1:] if args is None else list(args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end the program."""
        self._fail(self._mistyped() or message)

    def _mistyped(self) -> str:
        """What is to be said of the first flag that is none, but is like one; empty: there is none.

        `argparse` comes to what is unknown only where nothing is missing.
        """
        known = tuple(self._option_string_actions)
        for word in filter(FLAG.match, self._words):
            flag = _flag(word)
            guess = did_you_mean(flag, known)
            if guess and not any(each.startswith(flag) for each in known):
                return f"{flag}: unknown{guess}"
        return ""

    def _fail(self, message: str) -> NoReturn:
        console.complain(f"{message}; '{self.prog} --help' shows what there is")
        self.exit(2)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End the program once all is written. Raises as `console.flush` does."""
        if message:
            console.complain(message)
        console.flush()
        sys.exit(status)

    def _print_message(self, message: str, file: object = None) -> None:
        del file  # help, of which standard output is the place
        console.say(*message.removesuffix("\n").split("\n"))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raise for a command that there is not."""
        choices = action.choices
        if choices is not None and value not in choices:
            known = [str(choice) for choice in choices]
            raise argparse.ArgumentError(
                None,
                f"{action.metavar or action.dest} {value!r}: unknown; there are"
                f" {', '.join(known)}{did_you_mean(str(value), known)}",
            )


class VersionAction(argparse.Action):
    """Prints the program's version and ends it; the version is looked up only then."""

    def __init__(self, option_strings: Sequence[str], dest: str, **_: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS)
        self.help = "print the version and end"

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        console.say(f"perpetuum {program_version()}")
        parser.exit()


def _flags(parser: argparse.ArgumentParser, found: argparse.Namespace) -> tuple[str, ...]:
    """The flags of the command that was named, as `argparse` keeps them."""
    for action in parser._actions:  # noqa: SLF001 (there is no other way to them)
        if isinstance(action.choices, dict):
            command = action.choices.get(getattr(found, action.dest, None))
            if isinstance(command, argparse.ArgumentParser):
                return _flags(command, found)
    return tuple(parser._option_string_actions)  # noqa: SLF001


def _flag(word: str) -> str:
    return word.partition("=")[0]
