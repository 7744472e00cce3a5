"""The page of the ablations of sampling, made from the records alone."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.music.real.ablated import SHIPPED, SYSTEMS
from benchmarks.record import Record, all_figures, figure, markdown

INTRODUCTION = """# sampling

The shipped voice composes the same outlines in each of these ways, and trees tell excerpts of its
tunes from held-out ones ([the realism test](realism.md)): an area under the curve (AUC) of 0.5 is a
tune that cannot be told, 1 one that always is. In brackets, 95 % intervals over tunes. A difference
counts if its interval leaves out 0, marked *; {count} differences are shown, so that about
{chance:.1f} of them would be marked by chance."""


def page(records: Sequence[Record], call: str) -> str:
    """Return the page: one table a style, then every record."""
    differences = [r for r in records if r.measure.startswith("AUC less")]
    about = INTRODUCTION.format(count=len(differences), chance=0.05 * len(differences))
    styles = dict.fromkeys(r.set.partition(",")[0] for r in records)
    parts = [about, _systems({r.system for r in records})]
    for style in styles:
        own = [r for r in records if r.set.partition(",")[0] == style]
        parts += [f"## {style.capitalize()}", _table(own)]
    return "\n\n".join([*parts, *all_figures(records, call)]) + "\n"


def _systems(shown: set[str]) -> str:
    rows = [(name, system.about) for name, system in SYSTEMS.items() if name in shown]
    return markdown(("system", "what is different"), rows)


def _table(records: Sequence[Record]) -> str:
    """Return the figures of one style, one row a system."""
    lengths = list(dict.fromkeys(r.set for r in records if r.measure == "AUC"))
    head = ["system"]
    for where in lengths:
        notes = where.partition(", ")[2]
        head += [f"AUC, {notes}", "less that as shipped"]
    head += ["in the real band", "candidates a phrase", "phrases with one that passes"]
    systems = dict.fromkeys(r.system for r in records)
    return markdown(head, [_row(name, lengths, records) for name in systems])


def _row(system: str, lengths: Sequence[str], records: Sequence[Record]) -> list[str]:
    own = [r for r in records if r.system == system]
    cells = [system]
    for where in lengths:
        cells.append(_cell(own, "AUC", where))
        cells.append("" if system == SHIPPED else _cell(own, f"AUC less that {SHIPPED}", where))
    cells.append(_cell(own, "entropies in the real band"))
    for measure in ("candidates for each new phrase", "new phrases with one that passes"):
        cells += [figure(r.value) for r in own if r.measure == measure] or [""]
    return cells


def _cell(records: Sequence[Record], measure: str, where: str = "") -> str:
    """Return a value with its interval; empty without such a record."""
    for record in records:
        if record.measure == measure and where in {"", record.set}:
            interval, *rest = (record.paper or "").split("; ")
            mark = "*" if "differs" in rest else ""
            low, high = interval.removeprefix("95 % ").split(" to ")
            return f"{record.value:.3f}{mark} ({low} to {high})"
    return ""
