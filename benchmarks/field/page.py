"""The page of results, made from the records alone."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import record
from benchmarks.bounds import marked
from benchmarks.field.figures import DISTANCE, OWN, TOLD, ordered
from benchmarks.field.sets import CONTROLS, REAL
from benchmarks.field.smg import METRICS
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
IMPSY = """Both packages are apart, each in an environment of its own:

```sh
python3 -m venv build/smg && build/smg/bin/pip install smg-metrics==5.4.3
python3 -m venv build/impsy && build/impsy/bin/pip install impsy==1.2.1
```

IMPSY 1.2.1 is called with `--impsy build/impsy/bin/python --impsy-model STYLE:NAME=FILE`, once for
each model. Its shipped models are in the folder `models` of its repository (cpmpercussion/impsy),
not in its wheel; the one of nine dimensions holds a note and eight controllers, of which the note
is read. A model of two dimensions that its own commands train on our training tunes is made as
`benchmarks/field/impsy_log.py` says; *trained on 150 folk tunes* is that one. Notes are moved to
the nearest sixteenth, which is kind to it. The voices of sound, `wave` and `gruv`, have no notes,
and are not here."""
NOT_SHIPPED = """**IMPSY's shipped model was not run** for this page: its file was not at hand. It
is run with this before the other flags of the command below:

```sh
--impsy-model "folk:shipped model=musicMDRNN-dim9-layers2-units64-mixtures5-scale10.tflite"
```"""
NO_SMG = "**`smg-metrics` was not run** for this page: no program was given (`--smg-eval`)."
SHIPPED_MODEL = "shipped"
PICTURE = "![Area under the curve of every system](field.png)"
COLUMNS = ("set", "system", OWN, "beside", TOLD, DISTANCE)
READ = "## What it says"
SIDE_BY_SIDE = """## The metrics side by side

Means over the excerpts of each system, by `smg-metrics`; deviations are in `field.json`."""


def text(records: Sequence[Record], call: str) -> str:
    """Return the page."""
    parts = [INTRODUCTION, IMPSY]
    if not any(r.system.startswith("IMPSY") and SHIPPED_MODEL in r.system for r in records):
        parts.append(NOT_SHIPPED)
    if not any(r.measure == TOLD for r in records):
        parts.append(NO_SMG)
    parts += [READ, verdict(records), PICTURE, summary(records)]
    if any(r.system == REAL for r in records):
        parts += [SIDE_BY_SIDE, *side_by_side(records)]
    return "\n\n".join([*parts, record.made_by(call)]) + "\n"


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


def side_by_side(records: Sequence[Record]) -> list[str]:
    """Return a table for each set: systems by metrics."""
    labels = list(METRICS.values())
    tables = []
    for name in dict.fromkeys(r.set for r in records):
        value = {(r.system, r.measure): r.value for r in records if r.set == name}
        systems = [s for s in dict.fromkeys(s for s, _ in value) if (s, labels[0]) in value]
        rows = [
            (system, *(figure(value[system, label]) for label in labels))
            for system in (REAL, *ordered([s for s in systems if s != REAL]))
        ]
        tables += [f"### {name}", markdown(("system", *labels), rows)]
    return tables


def _shown(row: Record | None) -> str:
    return "" if row is None else figure(row.value)
