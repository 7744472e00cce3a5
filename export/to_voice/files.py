"""Files around a voice: credits, the commit of the code, and what the export writes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from stream.errors import CorpusError


def commit() -> str:
    """Return the commit of the code; empty outside a checkout."""
    try:
        command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
        done = subprocess.run(  # noqa: S603 - a constant command
            command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def read_credits(path: Path, section: str = "") -> tuple[str, ...]:
    """Return the bullet points of a credits file, one line each; of one section, if named.

    Raises `CorpusError` where the file cannot be read or has none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CorpusError(f"--credits {path}: cannot be read: {error.strerror}") from error
    if section:
        lines = _section(lines, section)
    notices = tuple(line[2:].strip() for line in lines if line.startswith("- "))
    if not notices:
        raise CorpusError(f"--credits {path}: names no data; write a line '- …' for each corpus")
    return notices


def _section(lines: list[str], name: str) -> list[str]:
    """Return the lines under the heading `## name`; none without such a heading."""
    heads = [i for i, line in enumerate(lines) if line.startswith("## ")] + [len(lines)]
    for begin, end in pairwise(heads):
        if lines[begin][3:].strip() == name:
            return lines[begin + 1 : end]
    return []


def write(path: Path, content: bytes) -> None:
    """Write a file. Raises `CorpusError` where it cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CorpusError(f"{path}: cannot be written ({error.strerror})") from error


def write_records(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write benchmark records as JSON, one a line."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    write(path, f"[\n{lines}\n]\n".encode())
