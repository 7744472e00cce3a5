"""A parser of command-line flags that reports a mistake in one line, with the likely intention."""

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
    """The parser of `argparse`, with output through the console."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse all flags; end the program after `--help` or a mistake."""
        found, rest = self.parse_known_args(args, namespace)
        if rest:
            unknown = next((word for word in rest if word.startswith("-")), rest[0])
            self._fail(f"{unknown}: unknown{did_you_mean(_flag(unknown), _flags(self, found))}")
        return found

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse the known flags; report a mistyped flag before a missing one."""
        self._words = sys.argv[1:] if args is None else list(args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Report a mistake and end the program."""
        self._fail(self._mistyped() or message)

    def _mistyped(self) -> str:
        """Return the message about the first unknown flag that resembles a known one, else "".

        `argparse` reports unknown flags only if no required one is missing.
        """
        known = tuple(self._option_string_actions)
        for word in filter(FLAG.match, self._words):
            flag = _flag(word)
            guess = did_you_mean(flag, known)
            if guess and not any(each.startswith(flag) for each in known):
                return f"{flag}: unknown{guess}"
        return ""

    def _fail(self, message: str) -> NoReturn:
        console.complain(f"{message}; '{self.prog} --help' lists what is accepted")
        self.exit(2)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Write all output, then end the program. Raises like `console.flush`."""
        if message:
            console.complain(message)
        console.flush()
        sys.exit(status)

    def _print_message(self, message: str, file: object = None) -> None:
        del file  # the only messages are help texts, which belong on standard output
        console.say(*message.removesuffix("\n").split("\n"))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raise for an unknown command."""
        choices = action.choices
        if choices is not None and value not in choices:
            known = [str(choice) for choice in choices]
            raise argparse.ArgumentError(
                None,
                f"{action.metavar or action.dest} {value!r}: unknown; known are"
                f" {', '.join(known)}{did_you_mean(str(value), known)}",
            )


class VersionAction(argparse.Action):
    """An action that prints the program's version, looked up only then, and ends the program."""

    def __init__(self, option_strings: Sequence[str], dest: str, **_: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS)
        self.help = "print the version and end"

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        console.say(f"perpetuum {program_version()}")
        parser.exit()


def _flags(parser: argparse.ArgumentParser, found: argparse.Namespace) -> tuple[str, ...]:
    """Return the flags of the command that was given."""
    for action in parser._actions:  # noqa: SLF001 (no public attribute holds them)
        if isinstance(action.choices, dict):
            command = action.choices.get(getattr(found, action.dest, None))
            if isinstance(command, argparse.ArgumentParser):
                return _flags(command, found)
    return tuple(parser._option_string_actions)  # noqa: SLF001


def _flag(word: str) -> str:
    return word.partition("=")[0]
