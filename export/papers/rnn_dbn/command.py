"""The common part of this package's command lines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from export.corpus.rolls import SPLITS
from stream.errors import StreamError


def parser(module: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the arguments CHECKPOINT.npz, --set NAME=PATH … and --split."""
    found = argparse.ArgumentParser(
        prog=f"python -m export.papers.rnn_dbn.{module}", description=description
    )
    found.add_argument("checkpoint", type=Path, metavar="CHECKPOINT.npz")
    found.add_argument("--set", action="append", required=True, metavar="NAME=PATH", dest="sets")
    found.add_argument("--split", choices=SPLITS, default="test")
    return found


def print_lines(lines: Iterable[dict[str, Any]]) -> int:
    """Print each object as a line of JSON as soon as it is there; return 2 after an error."""
    try:
        for line in lines:
            print(json.dumps(line), flush=True)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
