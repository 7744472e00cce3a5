"""The page of results, made from the records alone."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import record
from benchmarks.bounds import marked
from benchmarks.field.figures import DISTANCE, OWN, TOLD, ordered
from benchmarks.field.sets import CONTROLS
from benchmarks.record import Record, figure, markdown

INTRODUCTION = """# The field: every voice and ensemble beside real music, IMPSY and a chain

Each system plays an hour or less, as many minutes as the command says, and is cut into excerpts:
melodies into as many notes as the name of the set says, read without key, register and tempo; music
in parts into eight bars of four quarters. Real music is held out from training, and is the
reference. *Real, halves* is one half of it beside the other: the floor.

*AUC, realism test*: trees that saw neither the tune nor its variants tell an excerpt from real
ones; 0.5 is not at all, 1 always. Melodies are described as in [realism.md](realism.md), music in
parts by two bars of chords and rhythm as in [whole.md](whole.md). The controls must be told more
surely than what we compose: a chain of order 3 from training tunes, and real melodies with the
other parts of another real piece. *AUC, smg-metrics* is the same with the thirteen metrics of
`smg-metrics` 5.4.3 as features, and *distance* is how far the means of those metrics lie from the
real ones, in standard deviations of real excerpts.

No metric of `smg-metrics` is better the higher, or the lower, it is: real music is the measure, and
each is described in the package itself. They count what an excerpt is made of, not how it goes on;
where a chain of order 3 is as near to real music by them as what we compose, they cannot tell
composing from shuffling, and the realism test is the one to read."""
IMPSY = """IMPSY is a package of its own with TensorFlow: it is called with `--impsy PYTHON
--impsy-model STYLE:NAME=FILE`. Its shipped models are in the folder `models` of its repository, not
in its wheel; the one for nine dimensions holds a note and eight controllers, of which the note is
read. A model of two dimensions that its own commands train on tunes of ours is made by
`benchmarks/field/impsy_log.py`. Its notes are moved to the nearest sixteenth, which is kind to it.
The sound voices have no notes."""
NOT_RUN = "**IMPSY was not run** for this page: no model of it was given."
NO_SMG = "**`smg-metrics` was not run** for this page: no program was given (`--smg-eval`)."
PICTURE = "![Area under the curve of every system](field.png)"
COLUMNS = ("set", "system", OWN, "beside", TOLD, DISTANCE)
READ = "## What it says"


def text(records: Sequence[Record], call: str) -> str:
    """Return the page."""
    parts = [INTRODUCTION, IMPSY]
    if not any(r.system.startswith("IMPSY") for r in records):
        parts.append(NOT_RUN)
    if not any(r.measure == TOLD for r in records):
        parts.append(NO_SMG)
    parts += [READ, verdict(records), PICTURE, summary(records)]
    return "\n\n".join([*parts, *record.all_figures(records, call)]) + "\n"


def verdict(records: Sequence[Record]) -> str:
    """Return in how many sets the control is told more surely than what we compose."""
    sets = list(dict.fromkeys(r.set for r in records))
    lines = []
    for measure in (OWN, TOLD, DISTANCE):
        lost, known = 0, 0
        for name in sets:
            found = {r.system: r.value for r in records if (r.set, r.measure) == (name, measure)}
            control = [found[each] for each in CONTROLS if each in found]
            ours = [v for s, v in found.items() if _is_ours(s)]
            if control and ours:
                known += 1
                lost += control[0] > ours[0]
        if known:
            lines.append(f"- By *{measure}* the control loses in {lost} of {known} sets.")
    return "\n".join(lines)


def _is_ours(system: str) -> bool:
    return not system.startswith(("real", "IMPSY", "chain"))


def summary(records: Sequence[Record]) -> str:
    """Return a row for each system of each set."""
    rows = []
    for name in dict.fromkeys(r.set for r in records):
        own = [r for r in records if r.set == name]
        for system in ordered(list(dict.fromkeys(r.system for r in own if r.measure == OWN))):
            found = {r.measure: r for r in own if r.system == system}
            beside = marked(found[OWN].value, found[OWN].paper or "")
            values = (_shown(found.get(m)) for m in (TOLD, DISTANCE))
            rows.append((name, system, _shown(found[OWN]), beside, *values))
    return markdown(COLUMNS, rows)


def _shown(row: Record | None) -> str:
    return "" if row is None else figure(row.value)
