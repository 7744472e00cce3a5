"""Benchmarks that start themselves again as child processes, each child with a role.

A role is a function that takes words of the command line: `--player DEVICE 1.5` calls the function
named `player`.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.script import module

Roles = Mapping[str, Callable[..., object]]


@contextlib.contextmanager
def child(
    benchmark: str, *arguments: str, within: Sequence[str] = ()
) -> Iterator[subprocess.Popen[str]]:
    """Start a benchmark as a child process, `within` the command of another program."""
    command = [*within, sys.executable, "-m", module(benchmark), *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        try:
            yield process
        finally:
            process.terminate()


def parse(parser: argparse.ArgumentParser, roles: Roles) -> argparse.Namespace | None:
    """Return the arguments of a benchmark, or play the role of a child and return None."""
    for name in roles:
        parser.add_argument(f"--{name}", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    for name, role in roles.items():
        if words := getattr(args, name):
            role(*words)
            return None
    return args
