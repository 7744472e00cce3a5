"""Report changes with their reasons and sources."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from stream.setup.entry import Entry, File, Tree
from stream.setup.plan import Reason


def differences(now: Tree, after: Tree, reasons: Mapping[str, Sequence[Reason]]) -> Iterator[str]:
    """Yield a unified diff of every path that changes, with the reasons as comments before it."""
    for path, entry in after.items():
        if entry != now[path]:
            for reason in reasons.get(path, ()):
                yield f"# {reason.why}"
                yield f"#   {reason.source}"
            yield from _difference(path, now[path], entry)
            yield ""


def _difference(path: str, old: Entry, new: Entry) -> Iterator[str]:
    yield from difflib.unified_diff(
        _lines(old), _lines(new), _name("a", path, old), _name("b", path, new), lineterm=""
    )
    if _mode(old) != _mode(new):
        yield f"mode of {path}: {_mode(old)} becomes {_mode(new)}"


def _name(side: str, path: str, entry: Entry) -> str:
    return "/dev/null" if entry is None else f"{side}{path}"


def _lines(entry: Entry) -> list[str]:
    if isinstance(entry, File):
        return entry.data.decode("utf-8", "replace").splitlines()
    return [] if entry is None else [f"-> {entry.target}"]


def _mode(entry: Entry) -> str:
    """Return the mode as for `chmod`; the usual one for an entry that is not a file."""
    return f"{entry.mode:o}" if isinstance(entry, File) else "644"
