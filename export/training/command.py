"""Command lines of the trainings: flags of dataclasses, and the run from flags to exit code."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from export.command_line import run
from export.training import checkpoint
from export.training.trainer import Trainer

SPELLINGS = {"optimizer": "--optimiser"}
"""Second spelling of a flag by the name of its field."""
TYPES = {"int": int, "float": float, "str": str}


def parser_of(program: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the flags of every training that has an output folder."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--resume", action="store_true", help="continue from DIR/last.npz")
    return parser


def add_flags(parser: argparse.ArgumentParser, *holders: Any) -> None:
    """Add a flag for each number, word or switch of these dataclasses or their instances.

    The default of a flag is the field's value.
    """
    for holder in holders:
        for field in dataclasses.fields(holder):
            flags = [f"--{field.name.replace('_', '-')}"]
            flags += [SPELLINGS[field.name]] if field.name in SPELLINGS else []
            kind, choices = str(field.type), field.metadata.get("choices")
            value = getattr(holder, field.name, None)
            if kind == "bool":
                parser.add_argument(*flags, action=argparse.BooleanOptionalAction, default=value)
            elif kind in TYPES:
                parser.add_argument(*flags, type=TYPES[kind], default=value, choices=choices)


def from_flags(holder: Any, args: dict[str, Any]) -> Any:
    """Return the dataclass with the values of its flags."""
    names = {field.name for field in dataclasses.fields(holder)}
    return dataclasses.replace(holder, **{n: v for n, v in args.items() if n in names})


def train(
    parser: argparse.ArgumentParser,
    argv: list[str] | None,
    config: Any,
    plan: Any,
    trainer_of: Callable[[Any, Any, dict[str, Any]], Trainer[Any]],
) -> int:
    """Train by a command line to the end of the plan; return the exit code.

    The flags of configuration and plan are added to the parser. `trainer_of` makes the trainer from
    both, with the values of their flags, and from all arguments.
    """
    add_flags(parser, config, plan)
    args = vars(parser.parse_args(argv))

    def work() -> None:
        trainer = trainer_of(from_flags(config, args), from_flags(plan, args), args)
        prepare(trainer, args)
        trainer.fit()

    return run(work)


def prepare(trainer: Trainer[Any], args: dict[str, Any]) -> None:
    """Make the output folder, and resume where that is requested."""
    checkpoint.make_folder(args["out"])
    if args["resume"]:
        trainer.resume()
