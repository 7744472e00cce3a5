"""The page of results, made from the records alone."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.record import Record, figure, markdown
from benchmarks.vrash import likelihood as ce
from benchmarks.vrash import memory as mi
from benchmarks.vrash import reasons as why
from benchmarks.vrash import repetition as rep
from benchmarks.vrash.verdicts import Found, verdicts

ORDER = "VRASH ≤ LM < VAE < untrained"
SYSTEMS = ("VRASH", "LM", "VAE", "untrained", "uniform")
OTHERS = {
    "baselines": "n-gram and variable-order models",
    "cells": "decoder cells at equal step time",
    "filter": "the filter and its classifiers",
    "styles": "styles and blends",
    "novelty": "form, repetition and copying",
}
INTRODUCTION = """# The VRASH paper, measured again

[Yamshchikov & Tikhonov (2020)](https://arxiv.org/abs/1705.05458) compare a language model (LM),
a variational autoencoder (VAE) and VRASH, both at once, on a corpus of their own. Here the three
have about as many parameters, the same cell, corpora, split, and training, each trained
from {seeds} seed(s). Figures are means ± standard deviations over the seeds. An event, note or
rest, counts as a note."""
CROSS_ENTROPY = """## Cross-entropy

Bits per note on held-out tunes. *Reconstruction* knows the tune through the mean of the
posterior, as in the paper's figure 4, which has no digits: its order is {order}. VAE and VRASH
see the segment that they reconstruct, LM does not, so reconstruction alone does not compare them
fairly. The *ELBO* and the tighter *importance-weighted bound* (Burda et al. 2016) pay for that
look: they bound what the tune itself costs, so they can be compared with LM. For LM all three
are the same. *KL* is the divergence of the posterior of a segment of at most 64 events from the
prior; training grants 8 nats of it for free, so it does not show that the point is read. [What the
shipped voice reads from it](latent.md) is measured apart.
Beside the dance tunes stands what a model of width 256 reached in 7 epochs: ours should not need
more."""
REPETITION = """## Repeated notes

Each model plays as many tunes as there are real ones, each under the tags and with the number of
notes of its real counterpart. The paper (no figures): worst in LM, better in VAE, best in VRASH."""
SPREAD = """From style to style the share of repeated notes varies: {ranges}. A model that varies
less than real tunes has not learned the habits of the small styles: training visits every tune
alike, and most are dance tunes."""
MEMORY = """## Memory

Mutual information between notes d apart within a tune, equation 1 of the paper (its figure 6),
with Grassberger's estimator; bands are 95 % intervals from resampling tunes, and all sources of
a style have the same number of tunes of the same lengths. The lower row takes away what tunes
with shuffled notes still share: most of what far notes of a tune tell about each other is the
choice of notes of the tune (its key). Below zero, far notes of a tune are less alike than any
two of its notes.

![Mutual information against distance](vrash_memory.png)

Area under I(d) from d = 16 to the distance in brackets, the farthest for which the style has
enough tunes; pitch class, ± standard error by bootstrap:"""


FILTER = """Every place is offered several tunes of VRASH in turn and keeps the first that
passes; where none does it stays empty. Shares of tunes that pass, and of places that are filled.
In the paper a filter that was fitted to Bach changed the decline in jazz."""
POINTS = """Long memory of pitch classes is mostly a matter of staying in the key. What LM keeps
of the key it keeps in its state. If VRASH leaves it to the latent point, its memory depends on
where that point comes from ({style}, at most 300 places):"""
COOLED = """Drawn at temperature 1, a well-trained model should repeat notes as often as real
tunes do. Does a cooler draw, which many programs use, show what the paper describes ({style})?"""


def text(records: Sequence[Record], command: str) -> str:
    """Return the page in Markdown."""
    found = Found(records)
    parts = [
        INTRODUCTION.format(seeds=_seeds(found)),
        "![Cross-entropies beside the paper's order](vrash.png)",
        CROSS_ENTROPY.format(order=ORDER), _cross_entropy(found), _bounds(found),
        REPETITION, _repetition(found, records), _spread(records), MEMORY, _areas(found, mi.AREA),
        "Beyond shuffled notes:",
        _areas(found, mi.AREA_BEYOND), "Slope of ln I(d) against ln d from d = 8:",
        _areas(found, mi.SLOPE), *_accepted(found, records), "## What holds",
        _verdicts(records), *_reasons(found, records),
        _others(),
        f"Every figure: [vrash.json](vrash.json). Made by\n\n```sh\n{command}\n```",
    ]  # fmt: skip
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _cell(record: Record | None) -> str:
    if record is None:
        return ""
    value = f"{record.value:,.2f}" if 1 <= abs(record.value) < 100 else figure(record.value)
    return value if record.sd is None else f"{value} ± {figure(record.sd)}"


def _seeds(found: Found) -> int:
    record = found.get("VRASH", ce.TEST, ce.RECONSTRUCTION)
    return 0 if record is None else record.n


def _size(found: Found, where: str) -> str:
    record = found.get("real", where, ce.NOTES)
    return "" if record is None else f"{record.value:,.0f} notes"


def _cross_entropy(found: Found) -> str:
    columns = [(ce.TEST, ce.RECONSTRUCTION), *((ce.TEST, head) for head in ce.HEADS)]
    columns += [(ce.TEST, ce.KL), (ce.DANCE, ce.RECONSTRUCTION)]
    header = [
        "", "parameters", f"reconstruction ({_size(found, ce.TEST)})", *ce.HEADS,
        "KL, nats a segment", f"dance tunes alone ({_size(found, ce.DANCE)})", "beside",
    ]  # fmt: skip
    rows = []
    for system in SYSTEMS:
        if found.get(system, ce.TEST, ce.RECONSTRUCTION) is None:
            continue
        dance = found.get(system, ce.DANCE, ce.RECONSTRUCTION)
        figures = [_cell(found.get(system, "all", ce.PARAMETERS))]
        figures += [_cell(found.get(system, *column)) for column in columns]
        rows.append([system, *figures, (dance and dance.paper) or ""])
    return markdown(header, rows)


def _bounds(found: Found) -> str:
    measures = (ce.RECONSTRUCTION, ce.ELBO, ce.IWAE)
    rows = [
        [system, *(_cell(found.get(system, ce.SAMPLE, measure)) for measure in measures)]
        for system in SYSTEMS
        if found.get(system, ce.SAMPLE, ce.ELBO)
    ]
    return markdown([f"random test tunes ({_size(found, ce.SAMPLE)})", *measures], rows)


def _repetition(found: Found, records: Sequence[Record]) -> str:
    own = [r for r in records if r.measure == rep.REPEATS and why.COOLED not in r.set]
    wheres = list(dict.fromkeys(r.set for r in own))
    systems = list(dict.fromkeys(r.system for r in own))
    rows = []
    for measure in (rep.REPEATS, rep.RUN):
        for where in wheres:
            cells = [_cell(found.get(system, where, measure)) for system in systems]
            rows.append([measure, where, *cells])
    return markdown(["", "style", *systems], rows)


def _spread(records: Sequence[Record]) -> str:
    """Return the range over the styles, in real tunes and in each model's."""
    own = [r for r in records if r.measure == rep.REPEATS and why.COOLED not in r.set]
    styles: dict[str, list[float]] = {}
    for r in own:
        if r.set != rep.ALL:
            styles.setdefault(r.system, []).append(r.value)
    ranges = [f"{name} {figure(min(v))} to {figure(max(v))}" for name, v in styles.items()]
    return SPREAD.format(ranges="; ".join(ranges)) if ranges else ""


def _areas(found: Found, measure: str) -> str:
    rows = []
    for style in found.styles:
        where = f"{style}, pitch class"
        far = found.get("real", where, mi.FARTHEST)
        name = style if far is None else f"{style} ({far.value:.0f})"
        rows.append([name, *(_cell(found.get(s, where, measure)) for s in mi.SOURCES)])
    return markdown(["", *mi.SOURCES], rows)


def _accepted(found: Found, records: Sequence[Record]) -> list[str]:
    """Return the shares that pass the filter; an empty list if they were not measured."""
    shares = [r for r in records if r.measure == mi.ACCEPTED]
    measures = (mi.REAL_ACCEPTED, mi.ACCEPTED, mi.FILLED)
    rows = [
        [r.set, r.system, *(_cell(found.get(r.system, r.set, m)) for m in measures)] for r in shares
    ]
    header = ["style", "", "real tunes pass", "VRASH's tunes pass", "places filled"]
    return [FILTER, markdown(header, rows)] if rows else []


def _reasons(found: Found, records: Sequence[Record]) -> list[str]:
    """Return the effects of latent point and temperature; an empty list without records."""
    points = [r for r in records if r.measure == mi.AREA and why.POINTS.format(kind="") in r.set]
    cooled = [r for r in records if r.measure == rep.REPEATS and r.set.endswith(why.COOLED)]
    made = []
    if points:
        style = points[0].set.partition(",")[0]
        real = found.get("real", f"{style}, the same places", mi.AREA)
        rows = [[r.set.partition(": ")[2], _cell(r)] for r in points]
        made += [
            POINTS.format(style=style),
            markdown(["VRASH's latent point", mi.AREA], [*rows, ["(real tunes)", _cell(real)]]),
        ]
    if cooled:
        rows = [[r.system, _cell(r), _cell(found.get(r.system, r.set, rep.RUN))] for r in cooled]
        style = cooled[0].set.partition(",")[0]
        real = [_cell(found.get("real", style, m)) for m in (rep.REPEATS, rep.RUN)]
        made += [
            COOLED.format(style=style),
            markdown([why.COOLED, rep.REPEATS, rep.RUN], [*rows, ["(real tunes)", *real]]),
        ]
    return ["## Why", *made] if made else []


def _verdicts(records: Sequence[Record]) -> str:
    rows = [[v.claim, f"**{v.outcome}**", v.figures] for v in verdicts(records)]
    return markdown(["claim", "here", "figures"], rows)


def _others() -> str:
    links = [f"[{about}]({name}.md)" for name, about in OTHERS.items()]
    return f"More results: {', '.join(links)}."
