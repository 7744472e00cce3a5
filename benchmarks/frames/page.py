"""The page of results, made from the records and nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from benchmarks import record
from benchmarks.frames.claims import claims, likelihoods
from benchmarks.frames.records import DEVIATION, LIKELIHOODS, MONITOR, PARAMETERS, plain
from benchmarks.frames.systems import BEST, GOALS, RANDOM, RAW, SETS, SYSTEMS, System
from benchmarks.record import Record

NONE = "-"
INTRODUCTION = """# Polyphony: the RNN-DBN paper's table, measured again

[Goel, Vohra and Sahoo (2014)](https://arxiv.org/abs/1412.7927) compare models of piano rolls on
four sets. Nats per frame of 88 keys on the test split: the mean of ln P(v_t | v_<t) over its
frames, each piece from the model's initial state; more is better. In a cell: **paper / best known /
ours**, ours with its measure and ± the standard deviation over the seeds."""
MEASURES = """- *exact*: the model's likelihood itself, on all test frames.
- *AIS*: the normaliser of each frame's RBM by annealed importance sampling; on the average a little
  too high, the more so the larger the standard deviation of the log-weights (below).
- *bound*: a lower bound (importance-weighted over samples of the first layer), with the top RBM's
  normaliser by AIS.
- *monitor*: the pseudo-likelihood that the authors' program prints as it trains. No likelihood.

AIS, bound and monitor are means over {frames} test frames, chosen at random once: the same for
every system and seed. The paper does not say which measure its rows are; those of "RNN-RBM" (raw)
and "RNN-DBN" look like the monitor on training data, for its authors' program has nothing else. HF:
Hessian-free training.

*Best known* is the best exact single model that was published, of any kind: RNN-NADE on JSB,
Johnson's (2017) models elsewhere, which are given the beat. Ours are not. `note-list` is this
project's model; its goals are {goals}.

The sets are the public ones, transposed to C. The paper gave its own models music in its own keys;
its other rows seem to be those of Boulanger-Lewandowski, Bengio and Vincent (2012), of the
transposed sets: our note n-gram agrees with theirs. *Raw keys*: each piece of the public sets moved
into a key chosen at random. The recurrent models hear each training piece in another key in each
epoch, up to five semitones away, and at the end as it is. Epochs were chosen on the validation
split. Plans are short: what a system could reach with more time is not asked."""
BESIDE = """## Sizes, and the annealing

Parameters, and the standard deviation of the log-weights of a frame's normaliser (nats)."""
CLAIMS = """## The claims

An order holds where the 95 % intervals of the means over the seeds (Student's t) lie apart.
RNN-DBN's figure is a lower bound, RNN-RBM's an estimate."""


def text(records: Sequence[Record], call: str) -> str:
    """The page in Markdown."""
    frames = sorted({r.system.rpartition("(")[2] for r in records if r.measure == MONITOR})
    counted = next((f.removesuffix(" frames)") for f in frames if f.endswith("frames)")), "all")
    goals = ", ".join(f"{SETS[name]} {figure}" for name, figure in GOALS.items())
    documents = [dataclasses.asdict(r) for r in records]
    parts = [
        INTRODUCTION, readable(records), "![The paper's figures and ours](polyphony.png)",
        MEASURES.format(frames=counted, goals=goals), BESIDE, beside(records), CLAIMS,
        _table(("claim", "set", "verdict"), claims(records)), "## All figures",
        record.table(documents), f"Made by `{call}`.",
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def readable(records: Sequence[Record]) -> str:
    """Rows of systems, columns of sets."""
    found = likelihoods(records)
    monitors = _by_place(records, MONITOR)
    raw = {plain_name for plain_name, name in found if name.endswith(RAW)}
    rows = []
    for system in (RANDOM, *SYSTEMS.values()):
        for title, end in ((system.title, ""), (f"{system.title}, raw keys", RAW)):
            if end == "" or title in raw:
                rows.append(
                    (title, *(_cell(system, title, n + end, found, monitors) for n in SETS))
                )
    return _table(("system", *SETS.values()), rows)


def _cell(
    system: System, title: str, name: str,
    found: dict[tuple[str, str], Record], monitors: dict[tuple[str, str], Record],
) -> str:  # fmt: skip
    best = BEST.get(name, NONE)
    return f"{system.paper.get(name, NONE)} / {best} / {ours(title, name, found, monitors)}"


def ours(
    title: str, name: str,
    found: dict[tuple[str, str], Record], monitors: dict[tuple[str, str], Record],
) -> str:  # fmt: skip
    """Our figure with its spread and measure, and the monitor where there is one."""
    record_ = found.get((title, name))
    if record_ is None:
        return NONE
    spread = "" if record_.sd is None else f" ± {record_.sd:.2f}"
    measures = [LIKELIHOODS[record_.measure]]
    if (title, name) in monitors:
        measures.append(f"monitor {monitors[title, name].value:.2f}")
    return f"**{record_.value:.2f}**{spread} ({'; '.join(measures)})"


def beside(records: Sequence[Record]) -> str:
    """Rows of systems: parameters, and the standard deviation of log-weights by set."""
    sizes, deviations = (_by_place(records, m) for m in (PARAMETERS, DEVIATION))
    rows = []
    for title in dict.fromkeys(title for title, _ in sizes):
        held = sorted({int(r.value) for (t, _), r in sizes.items() if t == title})
        spread = f"{held[0]:,}" if len(held) == 1 else f"{held[0]:,}-{held[-1]:,}"
        end = RAW if title.endswith("raw keys") else ""
        found = [deviations.get((title, name + end)) for name in SETS]
        rows.append((title, spread, *(NONE if r is None else f"{r.value:.2f}" for r in found)))
    return _table(("system", "parameters", *SETS.values()), rows)


def _by_place(records: Sequence[Record], measure: str) -> dict[tuple[str, str], Record]:
    return {
        (plain(r.system), r.set.removesuffix("/test")): r for r in records if r.measure == measure
    }


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
