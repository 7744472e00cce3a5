"""Find docstrings that are no whole sentence, and words that the project does not use.

`python tests/sentences.py FOLDER…` prints one line for each finding; `make check` runs it.
A summary is the first paragraph of the docstring of a module, a class or a function, or of the
string below an attribute. It has to stand alone: it does not open with a bare preposition, a
relative or an ellipsis, it does not end in one, and it ends as a sentence does.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

OPENING = re.compile(
    r"[(\"']*(about|above|after|against|among|and|as|at|before|behind|below|beside|besides|between"
    r"|but|by|during|for|from|how|if|in|inside|into|like|of|off|on|or|out|over|since|so|than|that"
    r"|though|through|to|toward|under|unless|until|what|whatever|when|whenever|where|wherever"
    r"|whether|which|while|who|whom|whose|why|with|within|without)\b",
    re.IGNORECASE,
)
"""Words that make a summary depend on something the reader does not see."""
PLAIN = re.compile(
    r"\b(can not|could not be had|to be had|is none\b|(?<!\x22)metres?|colours?|quavers?"
    r"|colou?red by|licence|neighbours?|normalis\w+|quantis\w+|whoever|wish\w*|deeds?|crafts?"
    r"|programmes?)\b"
)
"""Spellings and turns of phrase that have a plainer form."""
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Finding = tuple[int, str]


def summaries(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the first paragraph of every docstring, those of attributes included."""
    for node in ast.walk(tree):
        if not isinstance(node, DOCUMENTED):
            continue
        for before, statement in zip([None, *node.body], node.body, strict=False):
            value = statement.value if isinstance(statement, ast.Expr) else None
            if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
                continue
            if before is None or isinstance(before, ast.Assign | ast.AnnAssign):
                paragraph = value.value.strip().split("\n\n")[0]
                yield statement.lineno, " ".join(paragraph.split())


def fault(summary: str) -> str:
    """Return what is wrong with a summary; an empty string for a sentence that stands alone."""
    if summary.startswith(("...", "…")) or summary.rstrip(".:").endswith((" ..", "…")):
        return "half a sentence"
    if opening := OPENING.match(summary):
        return f"opens with a bare {opening[1]!r}"
    if not summary.endswith((".", ":", "?", "!", "`")):
        return "does not end as a sentence does"
    return ""


def findings(path: Path) -> list[Finding]:
    """Return the line and the fault of every finding in a Python file."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    faults = ((line, fault(summary), summary) for line, summary in summaries(tree))
    found = [(line, f"{why}: {summary}") for line, why, summary in faults if why]
    for number, line in enumerate(text.splitlines(), 1):
        found += [(number, f"{word.group()!r} has a plainer form") for word in PLAIN.finditer(line)]
    return sorted(found)


def main(folders: list[str]) -> int:
    """Print the findings below `folders`; return 1 where there are any."""
    paths = sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    lines = [f"{path}:{line}: {why}" for path in paths for line, why in findings(path)]
    print("\n".join([*lines, f"{len(lines)} findings in {len(paths)} files"]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
