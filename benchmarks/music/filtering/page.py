"""The page of the filter, made from the records alone."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.music.filtering import listeners, precision
from benchmarks.record import Record, all_figures, figure, markdown
from export.filter.corruptions import UNSEEN

INTRODUCTION = """# filter

Rules on entropies choose among the candidates of a phrase (paper 002, section 4). Here they are
judged on held-out real excerpts and corruptions of them.

![Precision against recall, passing shares, and the paper's table](filter.png)"""
PRECISION = """## Precision

{shares} of the examples are real: of each real excerpt four corruptions are made. Precision
depends on that share, so it is given as if half were real (*even odds*: .5 by chance) and as if one
of ten were (.1 by chance). Intervals are of 95 %, over pieces with all that is made of them.
The control is fitted by the same search to permuted labels. Left out are {unseen}, which
entropies hardly detect; the rows of all figures have them."""
MISSED = """The goal of .99 is missed in {missed} of {count} styles as measured; the interval leaves
it out in {excluded}."""
CHOSEN = """## Strict enough for .99

The rules stop where fewer than .4 of the real excerpts would pass. Here they go on until precision
is .99 on the validation part of the training tunes, whatever they reject, or never get there; an
RBF SVC on all 66 entropies, fitted to all styles together and chosen among a few on validation too,
is made as strict in the same way. Both are measured on held-out tunes, where the choice no longer
helps. The runtime plays by the rules above: they need no library, and can be told."""
LISTENERS = """## Listeners

The clips are of two kinds, and listeners like those of one instrument more. So the control, which
hears no note and knows the kind alone, correlates with the ratings at {control}, and the
classifiers at {best} at most: a correlation over both kinds says nothing of the music. Within the
kinds {significant} of {shown} correlations are significant at p < .05, by permutation: {plain}
Out of sample, a clip is scored by classifiers fitted without it."""
NONE = """it is not shown that any of the classifiers hears what listeners like."""
SOME = """by chance one of twenty would be."""


def page(records: Sequence[Record], call: str) -> str:
    """Return the page: precision, strictness, listeners, then every record."""
    parts = [INTRODUCTION, *_precision(records), *_listeners(records)]
    return "\n\n".join([*parts, *all_figures(records, call)]) + "\n"


def _precision(records: Sequence[Record]) -> list[str]:
    real = [r.value for r in records if r.measure == "share of real ones"]
    if not real:
        return []
    span = sorted({figure(round(min(real), 2)), figure(round(max(real), 2))})
    about = PRECISION.format(shares=" to ".join(span), unseen=UNSEEN)
    shown = [r for r in records if "features" in r.set and r.system != "examples"]
    chosen = [r for r in records if precision.CHOSEN in r.set]
    return [
        about,
        _table(shown),
        _missed([r for r in shown if r.system == precision.RULES]),
        CHOSEN,
        _table(chosen),
    ]


def _missed(records: Sequence[Record]) -> str:
    own = [r for r in records if r.measure.startswith("precision at even odds, without")]
    highs = [float(str(r.paper).split(" to ")[1].split(";")[0]) for r in own]
    return MISSED.format(
        missed=sum(r.value < precision.GOAL for r in own),
        count=len(own),
        excluded=sum(high < precision.GOAL for high in highs),
    )


def _table(records: Sequence[Record]) -> str:
    """Return one row for each system and set."""
    head = ("style", "filter", "real that pass", "corrupted that pass", "precision at even odds",
            "precision with one real of ten")  # fmt: skip
    rows = []
    for system, where in dict.fromkeys((r.system, r.set) for r in records):
        own = {r.measure: r for r in records if (r.system, r.set) == (system, where)}
        cells = [
            _cell(own[name])
            for name in (
                "recall: real that pass",
                f"corrupted that pass, without {UNSEEN}",
                f"precision at even odds, without {UNSEEN}",
                f"precision with one real of ten, without {UNSEEN}",
            )
        ]
        rows.append((where.partition(",")[0], system, *cells))
    return markdown(head, rows)


def _cell(record: Record) -> str:
    """Return a value with its interval."""
    found = next(each for each in str(record.paper).split("; ") if each.startswith("95 %"))
    low, high = found.removeprefix("95 % ").split(" to ")
    return f"{record.value:.3f} ({low} to {high})"


def _listeners(records: Sequence[Record]) -> list[str]:
    own = [r for r in records if r.measure == listeners.SPEARMAN]
    if not own:
        return []
    pooled = [r for r in own if "; all," in r.set and r.system != listeners.CONTROL]
    control = next(r for r in own if r.system == listeners.CONTROL)
    shown, significant = listeners.verdict(own)
    about = LISTENERS.format(
        control=f"{control.value:.2f}",
        best=f"{max(r.value for r in pooled):.2f}",
        significant=significant or "none",
        shown=shown,
        plain=SOME if significant else NONE,
    )
    return [about, _correlations(own)]


def _correlations(records: Sequence[Record]) -> str:
    """Return one row for each score: all clips, each kind, and within both."""
    wheres = list(dict.fromkeys(r.set.partition("; ")[2] for r in records))
    rows = []
    for system, how in dict.fromkeys((r.system, r.set.partition("; ")[0]) for r in records):
        found = {r.set: r for r in records if r.system == system}
        cells = [_correlation(found.get(f"{how}; {where}")) for where in wheres]
        rows.append((system, how, *cells))
    return markdown(("score", "how", *wheres), rows)


def _correlation(record: Record | None) -> str:
    """Return a correlation with its interval and p."""
    if record is None:
        return ""
    p = str(record.paper).split("; ")[1].partition(",")[0]
    return f"{_cell(record)}, {p}"
