"""The page of results, made from the records alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks import record
from benchmarks.polyphony import published
from benchmarks.polyphony.claims import TRAINED, claims
from benchmarks.polyphony.pairs.records import bias
from benchmarks.polyphony.records import (
    ADAPTED,
    DEVIATION,
    LIKELIHOODS,
    MONITOR,
    PARAMETERS,
    STEP,
    by_place,
    likelihoods,
)
from benchmarks.polyphony.systems import BEST, GOALS, RANDOM, RAW, SETS, SYSTEMS, System
from benchmarks.record import Record, markdown
from export.papers.rnn_dbn.dynamic_evaluation import LENGTH, RATE

NONE = "-"
CHAINS = 8
"""Chains of the annealing in the table."""
INTRODUCTION = """# Polyphony: the RNN-DBN paper's table, measured again

[Goel, Vohra and Sahoo (2014)](https://arxiv.org/abs/1412.7927) compare models of piano rolls on
four sets. Nats per frame of 88 keys on the test split: the mean of ln P(v_t | v_<t) over its
frames, each piece from the model's initial state; more is better. In a cell: **paper / best known /
ours**, ours with its measure and ± the standard deviation over the seeds."""
MEASURES = """- *exact*: the model's likelihood itself, on all test frames.
- *AIS*: the normalizer of each frame's RBM by annealed importance sampling; on average a little
  too high, the more so the larger the standard deviation of the log-weights (below).
- *bound*: a lower bound (importance-weighted over samples of the first layer), with the top RBM's
  normalizer by AIS.
- *monitor*: the pseudo-likelihood that the authors' program prints in training, not a likelihood.

AIS, bound and monitor are means over {frames} test frames, chosen at random once for every
system and seed. The paper does not say which measure its rows are. Its authors' program has none
but the monitor; whether the rows are the monitor on training data is [tried](annealing.md) on
networks trained by contrastive divergence. HF: Hessian-free training.

*Best known* is the best exact single model that was published, of any kind: RNN-NADE on JSB,
Johnson's (2017) models elsewhere, which are given the beat. Ours are not. `note-list` is this
project's model; its goals are {goals}.

The sets are the public ones, transposed to C. The paper gave its own models music in its own keys;
its other rows seem to be those of Boulanger-Lewandowski, Bengio and Vincent (2012), of the
transposed sets: our note n-gram agrees with theirs. *Raw keys*: each piece of the public sets moved
into a key chosen at random. The recurrent models hear each training piece in another key in each
epoch, up to five semitones away, and at the end as it is. Epochs were chosen on the validation
split. Rows differ in training: the frames in each plan are given below. Longer training was not
measured."""
BESIDE = """## Training, size and speed

In a cell: JSB / Nottingham / MuseData / Piano-midi.de, or one figure for all. *Trained on*: the
training frames in the model's plan, in millions, including those of the model it starts from (the
best epoch may be an earlier one); rows with the same figure are equal in training. *Step*:
milliseconds to read a frame and sample the next one, for one candidate on one core, through the
exported fp32 graph; all steps are timed in turns in one run. *Log-weights*: standard deviation of
the log-weights of a frame's normalizer in the annealing, in nats."""
CLAIMS = """## The claims

Differences in nats per frame, each of two models of the same seed: their mean ± half its 95 %
interval (Student's t) and, in brackets, their number. A claim holds if the interval lies above
zero. *All sets*: one reading a set, the mean of its seeds. *Unequal training*: the better model was
trained on more frames.

**RNN-DBN > RNN-RBM cannot be decided by this table.** RNN-DBN starts from the RNN-RBM of its seed
and is trained for longer, its figure is a bound and RNN-RBM's an estimate, and the annealing, with
{chains} chains, is expected to make figures too high by hundredths of a nat too; to first order,
from the log-weights, RNN-DBN's / RNN-RBM's by {biases}.
[Long annealing with equal training](annealing.md) answers it."""
APART = """## Apart: models that go on learning

Dynamic evaluation: after each measured chunk of {length} frames the model takes a step of gradient
descent (rate {rate}) on them; at the end of the piece its weights are reset. This is exact and
causal, but no voice changes its weights while it plays."""
HEADS = ("claim", "set", "difference", "verdict")


def text(records: Sequence[Record], call: str) -> str:
    """Return the page in Markdown."""
    frames = sorted({r.system.rpartition("(")[2] for r in records if r.measure == MONITOR})
    counted = next((f.removesuffix(" frames)") for f in frames if f.endswith("frames)")), "all")
    goals = ", ".join(f"{SETS[name]} {figure}" for name, figure in GOALS.items())
    apart = (
        [APART.format(length=LENGTH, rate=RATE), adapted(records)]
        if by_place(records, ADAPTED)
        else []
    )
    parts = [
        INTRODUCTION, readable(records), "![The paper's figures and ours](polyphony.png)",
        MEASURES.format(frames=counted, goals=goals), published.section(), BESIDE,
        beside(records), _claims(records), markdown(HEADS, claims(records)), *apart,
        *record.all_figures(records, call),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _claims(records: Sequence[Record]) -> str:
    deviations = by_place(records, DEVIATION)
    pairs = [
        f"{SETS[name]} " + " / ".join(
            f"{bias(np.array([deviations[title, name].value]), CHAINS):.3f}"
            for title in (SYSTEMS["rnn-dbn"].title, SYSTEMS["rnn-rbm"].title)
        )
        for name in SETS
        if all((SYSTEMS[key].title, name) in deviations for key in ("rnn-dbn", "rnn-rbm"))
    ]  # fmt: skip
    return CLAIMS.format(chains=CHAINS, biases=", ".join(pairs) or NONE)


def readable(records: Sequence[Record]) -> str:
    """Return a table with rows of systems, and columns of sets."""
    found = likelihoods(records)
    monitors = by_place(records, MONITOR)
    raw = {plain_name for plain_name, name in found if name.endswith(RAW)}
    rows = []
    for system in (RANDOM, *SYSTEMS.values()):
        for title, end in ((system.title, ""), (f"{system.title}, raw keys", RAW)):
            if end == "" or title in raw:
                rows.append(
                    (title, *(_cell(system, title, n + end, found, monitors) for n in SETS))
                )
    return markdown(("system", *SETS.values()), rows)


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
    """Return our figure with its spread and measure, and the monitor if there is one."""
    record_ = found.get((title, name))
    if record_ is None:
        return NONE
    spread = "" if record_.sd is None else f" ± {record_.sd:.2f}"
    measures = [LIKELIHOODS[record_.measure]]
    if (title, name) in monitors:
        measures.append(f"monitor {monitors[title, name].value:.2f}")
    return f"**{record_.value:.2f}**{spread} ({'; '.join(measures)})"


def beside(records: Sequence[Record]) -> str:
    """Return a table of training, size, speed and annealing of the systems."""
    rows = []
    columns: tuple[tuple[str, Callable[[float], str]], ...] = (
        (PARAMETERS, lambda n: f"{n:,.0f}"), (TRAINED, lambda n: f"{n / 1e6:.2f}"),
        (STEP, lambda ms: f"{ms:.2f}"), (DEVIATION, lambda nats: f"{nats:.2f}"),
    )  # fmt: skip
    for title in dict.fromkeys(title for title, _ in by_place(records, PARAMETERS)):
        cells = []
        for measure, shown in columns:
            own = {name: r for (t, name), r in by_place(records, measure).items() if t == title}
            cells.append(_by_set(own, shown))
        rows.append((title, *cells))
    return markdown(("system", "parameters", "trained on", "step", "log-weights"), rows)


def _by_set(own: Mapping[str, Record], shown: Callable[[float], str]) -> str:
    """Return a figure for each set, or one figure if all are equal."""
    found = {name.removesuffix(RAW): shown(r.value) for name, r in own.items()}
    if len(set(found.values())) < 2:
        return next(iter(found.values()), NONE)
    return " / ".join(found.get(name, NONE) for name in SETS)


def adapted(records: Sequence[Record]) -> str:
    """Return a table of systems and sets, as trained and while they go on learning."""
    plainly, found = likelihoods(records), by_place(records, ADAPTED)
    rows = [
        (title, SETS.get(name, name), f"{plainly[title, name].value:.3f}", f"{r.value:.3f}")
        for (title, name), r in found.items()
    ]
    return markdown(("system", "set", "as trained", "learning on"), rows)
