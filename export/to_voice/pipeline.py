"""Make a voice from a checkpoint: trace, clean up, quantize, compare, describe, seal, report."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from export import command_line
from export.to_voice.files import commit, read_credits, write, write_records
from stream.voices.spec import VoiceSpec, append_spec

PRECISIONS = ("int8", "fp32")
Figure = tuple[str, str, str, float, int, str | None]
"""Set, measure, unit, value, count and bound of a record."""
Facts = dict[str, Any]


class VoiceKind(ABC):
    """Hooks of one kind of model in the pipeline, built from the arguments."""

    program: ClassVar[str]
    """Module that is run."""
    corpus: bytes = b""
    """Filter of the training corpus that the voice carries; empty without one."""
    precision = PRECISIONS[0]
    """Precision of the graph in the voice."""

    @abstractmethod
    def __init__(self, args: argparse.Namespace) -> None:
        """Load the checkpoint and the corpora."""

    @staticmethod
    @abstractmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add what this kind takes beside the arguments of every voice."""

    @abstractmethod
    def graphs(self) -> tuple[bytes, bytes]:
        """Return the step as an fp32 graph, and as one with int8 weights."""

    @abstractmethod
    def compare(self, fp32: bytes, int8: bytes) -> Any:
        """Return the parity report of both graphs: a dataclass whose `passes` takes a precision."""

    @abstractmethod
    def spec(self, name: str, report: Any) -> VoiceSpec:
        """Return the voice's description; the pipeline adds credits and source."""

    @abstractmethod
    def figures(self, report: Any) -> list[Figure]:
        """Return the parity report as figures beside their bounds."""

    def more_records(self, _rows: Sequence[Facts]) -> list[Facts]:
        """Return records that follow those of the parity report."""
        return []


def arguments(kind: type[VoiceKind], description: str | None) -> argparse.ArgumentParser:
    """Return a parser of what the export of every voice takes, and of what its kind takes."""
    parser = argparse.ArgumentParser(prog=f"python -m {kind.program}", description=description)
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT.npz")
    parser.add_argument("out", type=Path, metavar="OUT.onnx")
    parser.add_argument("--credits", type=Path, required=True, metavar="CREDITS.md")
    parser.add_argument(
        "--section", default="", help="heading of the voice's credits; all, if none"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE.json", help="parity report, as records"
    )
    kind.add_arguments(parser)
    return parser


def make(kind: type[VoiceKind], args: argparse.Namespace, command: str) -> Facts:
    """Write the files that `args` name; return the facts of the parity report.

    The records of the report give `command` as what they were made by.
    """
    notices = read_credits(args.credits, args.section)
    voice = kind(args)
    fp32, int8 = voice.graphs()
    report = voice.compare(fp32, int8)
    spec = dataclasses.replace(
        voice.spec(args.out.stem, report), credits=notices, source=commit()
    )  # fmt: skip
    graph = int8 if voice.precision == "int8" else fp32
    write(args.out, append_spec(graph, spec, voice.corpus))
    if args.report:
        rows = records(command, args.out.stem, voice.figures(report))
        write_records(args.report, [*rows, *voice.more_records(rows)])
    return {
        "passed": report.passes(voice.precision), "kind": spec.kind, "family": spec.model["family"],
        **dataclasses.asdict(report), "bytes_fp32": len(fp32), "bytes_int8": len(int8),
    }  # fmt: skip


def records(command: str, system: str, figures: Sequence[Figure]) -> list[Facts]:
    """Return figures as benchmark records."""
    return [
        {
            "system": system, "set": where, "measure": measure, "unit": unit,
            "value": value, "sd": None, "n": n, "paper": bound, "command": command,
        }
        for where, measure, unit, value, n, bound in figures
    ]  # fmt: skip


def run(kind: type[VoiceKind], description: str | None, argv: list[str] | None) -> int:
    """Make the voice and print its facts as JSON.

    Return the exit code: 0, 1 where parity does not hold, 2 after an error that the user can
    correct.
    """
    args = arguments(kind, description).parse_args(argv)
    command = command_line.command(kind.program, sys.argv[1:] if argv is None else argv)

    def work() -> int:
        facts = make(kind, args, command)
        print(json.dumps(facts))
        return 0 if facts["passed"] else 1

    return command_line.run(work)
