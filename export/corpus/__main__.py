"""Describe corpora: `python -m export.corpus folk=tunes/ hymn=hymns.npz`.

Reads every file as training would, and prints how many tunes each rule of the normalization
dropped, which files are broken or were read in part, and the sizes of train, valid and test.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from export.corpus.dataset import split_of
from export.corpus.read import load
from export.corpus.write_npz import write_npz
from stream.compose.tunes.tune import Melody
from stream.errors import StreamError

SPLITS = ("train", "valid", "test")
COLUMNS = ("files", "tunes", "kept", "events", *SPLITS)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the facts about the corpora; exit code 2 if one of them holds nothing usable."""
    arguments = _parser().parse_args(argv)
    melodies: list[Melody] = []
    facts = []
    try:
        for spec in arguments.corpus:
            found, (report,) = load([spec])
            melodies += found
            facts.append(dataclasses.asdict(report) | {"splits": _splits(found)})
        if arguments.out:
            write_npz(arguments.out, melodies)
    except StreamError as error:
        print(f"export.corpus: {error}", file=sys.stderr)
        return 2
    print(json.dumps(facts, ensure_ascii=False, indent=2) if arguments.json else table(facts))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m export.corpus",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "corpus",
        nargs="+",
        metavar="STYLE=PATH",
        help="a style, and an .npz archive, a MIDI or ABC file, or a folder of them",
    )
    parser.add_argument("--json", action="store_true", help="print the facts as JSON")
    parser.add_argument(
        "--out", type=Path, metavar="FILE.npz", help="write the normalized melodies to an archive"
    )
    return parser


def _splits(melodies: Sequence[Melody]) -> dict[str, int]:
    count = Counter(map(split_of, melodies))
    return {split: count[split] for split in SPLITS}


def table(facts: Sequence[dict[str, Any]]) -> str:
    """Return a row for each corpus; below it the dropped tunes by rule, and the broken files."""
    names = [f"{fact['style']}={fact['path']}" for fact in facts]
    width = max(map(len, names))
    lines = [" " * width + "".join(f"{column:>11}" for column in COLUMNS)]
    for name, fact in zip(names, facts, strict=True):
        numbers = fact | fact["splits"]
        row = "".join(f"{numbers[column]:>11,}" for column in COLUMNS)
        dropped = [f"{rule} {count}" for rule, count in fact["dropped"].items() if count]
        lines += [f"{name:<{width}}{row}", f"  dropped: {', '.join(dropped) or 'none'}"]
        lines += [f"  broken:  {reason}" for reason in fact["broken"]]
        lines += [f"  in part: {what}" for what in fact["passed_over"]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
