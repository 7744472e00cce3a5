"""Fill the tables of the README and of the pages from `results/*.json`: `make tables`.

A table of the README stands between `<!-- table NAME -->` and `<!-- end -->`. Bounds that are
missed are marked, and so is each page whose voices or script have changed since it was measured.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import measured, papers, record

README = Path(__file__).parents[1] / "README.md"
STALE = "*Stale"
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
    if different := measured.changed(name, folder):
        note += f" {stale(different)}"
    return f"{record.table(documents)}\n\n{note}"


def stale(different: Sequence[str]) -> str:
    """Return the mark of figures that are older than what they measure."""
    return f"{STALE}: {', '.join(different)} changed since.*"


def refresh(folder: Path) -> list[str]:
    """Write the tables and marks of all pages anew; return the names of those that are stale."""
    old = []
    for path in sorted(folder.glob("*.md")):
        lines = path.read_text(encoding="utf-8").splitlines()
        if len(lines) > 2 and lines[2].startswith(STALE):
            del lines[2:4]
        if different := measured.changed(path.stem, folder):
            lines[2:2] = [stale(different), ""]
            old.append(path.stem)
        page = record.refreshed("\n".join(lines), record.read(path.stem, folder))
        path.write_text(page, encoding="utf-8")
    return old


def main() -> int:
    """Rewrite the README and the pages."""
    if not README.exists():
        print(f"{README}: file not found", file=sys.stderr)
        return 2
    old = refresh(record.RESULTS)
    before = README.read_text(encoding="utf-8")
    after = fill(before)
    README.write_text(after, encoding="utf-8")
    print(
        json.dumps({"tables": len(TABLE.findall(after)), "changed": before != after, "stale": old})
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
