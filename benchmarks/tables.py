"""Fill the tables of the README from `results/*.json`: `make tables`.

A table stands between `<!-- table NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from benchmarks import papers, record

README = Path(__file__).parents[1] / "README.md"
TABLE = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def fill(text: str, folder: Path = record.RESULTS) -> str:
    """Return `text` with every table written anew."""

    def replacement(match: re.Match[str]) -> str:
        return f"{match[1]}{table(match[2], folder)}\n{match[3]}"

    return TABLE.sub(replacement, text)


def table(name: str, folder: Path) -> str:
    """Return the table of all papers, or the table of a script with its command."""
    if name == "papers":
        return papers.table(folder)
    documents = record.read(name, folder)
    note = f"`{documents[0]['command']}`" if documents else ""
    return f"{record.table(documents)}\n\n{note}"


def main() -> int:
    """Rewrite the README."""
    if not README.exists():
        print(f"{README}: file not found", file=sys.stderr)
        return 2
    before = README.read_text(encoding="utf-8")
    after = fill(before)
    README.write_text(after, encoding="utf-8")
    print(json.dumps({"tables": len(TABLE.findall(after)), "changed": before != after}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
