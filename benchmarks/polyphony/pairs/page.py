"""The page of the long annealing, made from its records alone."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import record
from benchmarks.polyphony.pairs import records as found
from benchmarks.polyphony.pairs.measuring import SAMPLES
from benchmarks.polyphony.pairs.training import SMALL
from benchmarks.polyphony.systems import RAW, SETS
from benchmarks.record import Record, markdown

INTRODUCTION = """# RNN-DBN against RNN-RBM: is the second layer any better?

The [polyphony table](polyphony.md) said that it is, by differences of a few hundredths of a nat,
from short annealing, unequal training, and pooled differences that depend on each other. Here both
models start from one RNN-RBM and see as many training frames but for an epoch, and every likelihood
is measured on the same {frames} test frames of a set, chosen at random. Sized down from the table:
{seeds} seeds a set, and {trained} training frames of a model (its RNN-RBM has 2 to 4 million): a
verdict on short training.{missing}"""
MISSING = " Sets not run: {}."
TEST = """The half-width of the 95 % interval counts what is not independent only once: frames lie
in pieces, and models of one seed share their beginning. Its variance is that between the seeds plus
that between the pieces (degrees of freedom: Satterthwaite). *These sets*: their mean difference.
*Such sets*: the sets themselves as a sample, which is what a claim about polyphonic music needs.
A likelihood by AIS is on average too high, by about `expected_bias`; the RNN-DBN's is a lower
bound but for that, with {samples} samples of its first layer."""
CONTROL = """## The control: models whose likelihood is known

Both models with {small} units in each hidden layer, trained on JSB by the whole plan or at least
for twice as long, so small that all states of a layer can be enumerated. The estimate must be met
within {met} nats."""
MONITORS = """## Are the paper's rows the training monitor?

The monitor is the pseudo-likelihood after 15 Gibbs steps from the data, which the authors' program
prints while it trains; it is no likelihood. Here it is read on frames of the training split, of
networks trained by contrastive divergence. *First part*: before the two arms part. *CD only*: the
RNN-DBN before its layers are trained together. *Authors' program*: plain gradient descent on CD-15,
without a warm start; *raw*: in keys chosen at random. If the guess were right, the training column
would be near the paper's row. The monitor also depends on how long a network was trained: those of
[the table](polyphony.md), trained for longer, have far lower ones on the test split (RNN-RBM on
JSB: -16.7) and better likelihoods."""


def text(records: Sequence[Record], call: str) -> str:
    """Return the page in Markdown."""
    parts = [
        _introduction(records), _likelihoods(records), "## The difference",
        _differences(records), TEST.format(samples=f"{SAMPLES:,}"),
        CONTROL.format(small=SMALL, met=found.MET), _controls(records), MONITORS,
        _monitors(records), *record.all_figures(records, call),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _introduction(records: Sequence[Record]) -> str:
    lines = [r for r in records if r.measure == found.FRAMES]
    seeds = max(r.n for r in records if r.measure == found.MEASURES["rnn-rbm"])
    there = {r.set.partition("/")[0] for r in records}
    missing = [title for name, title in SETS.items() if name not in there]
    trained = [r.value for r in records if r.measure == found.TRAINED]
    return INTRODUCTION.format(
        frames=f"{lines[0].value:.0f}", seeds=seeds,
        trained=f"{min(trained):,.0f} to {max(trained):,.0f}",
        missing=MISSING.format(", ".join(missing)) if missing else "",
    )  # fmt: skip


def _likelihoods(records: Sequence[Record]) -> str:
    by_key = {(r.system, r.set, r.measure): r for r in records}
    rows = []
    for r in records:
        if r.measure in found.MEASURES.values():
            deviation = by_key[r.system, r.set, found.DEVIATION].value
            bias = by_key[r.system, r.set, found.BIAS].value
            rows.append((_titled(r.set), r.system, _figure(r), f"{deviation:.2f}", f"{bias:.4f}"))
    head = ("set", "model and annealing", "nats a frame", "log-weights", "expected bias")
    return markdown(head, rows)


def _differences(records: Sequence[Record]) -> str:
    rows = [
        (_titled(r.set), r.system.partition(", ")[2], f"{r.value:+.3f}", r.paper or "")
        for r in records
        if r.measure == found.GAIN
    ]
    return markdown(("set", "annealing", "RNN-DBN - RNN-RBM", "95 % interval: verdict"), rows)


def _controls(records: Sequence[Record]) -> str:
    by_key = {(r.system, r.measure): r for r in records}
    rows = []
    for r in records:
        if r.measure == found.ERROR:
            exact = by_key[r.system.rpartition(", ")[0], found.EXACT].value
            largest = by_key[r.system, found.LARGEST].value
            verdict = "" if r.paper is None else "met" if r.value <= found.MET else "**missed**"
            cells = (f"{exact:.4f}", f"{r.value:.4f}", f"{largest:.3f}", verdict)
            rows.append((r.system, *cells))
    return markdown(("model and annealing", "exact", "mean error", "largest error", ""), rows)


def _monitors(records: Sequence[Record]) -> str:
    rows = {}
    for r in records:
        if r.measure == found.MONITOR:
            name, _, split = r.set.partition("/")
            cells = rows.setdefault((_titled(name), r.system), {"paper": r.paper or "-"})
            cells[split] = _figure(r)
    head = ("set", "model", "monitor, training", "monitor, test", "the paper's row")
    return markdown(
        head, [(*key, each["train"], each["test"], each["paper"]) for key, each in rows.items()]
    )


def _figure(r: Record) -> str:
    return f"{r.value:.3f}" + (f" ± {r.sd:.3f} ({r.n})" if r.sd is not None else "")


def _titled(where: str) -> str:
    name = where.partition("/")[0]
    plain = name.removesuffix(RAW)
    return SETS.get(plain, name) + (", raw keys" if name.endswith(RAW) else "")
