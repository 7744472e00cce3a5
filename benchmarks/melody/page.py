"""The page of results, made from the records alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import record
from benchmarks.melody.records import PARAMETERS, SET
from benchmarks.melody.systems import HARMONY, LIKELIEST, LOSS, MATCH, RIGHT, SHARE, SYSTEMS
from benchmarks.melody.variants import SPLIT, STRANGERS
from benchmarks.record import Record, markdown

NONE = ""
HEARD = ("valid", "test")
Found = Mapping[tuple[str, str, str], Record]
"""Records by system, split and measure."""
INTRODUCTION = """# Melody: the poster's nets and n-grams, measured again

The poster (paper 001) learns Nottingham melodies on a grid of eight segments a measure: from 32
segments the pitch of the next. Tunes are split 70/30, variants of one tune on the same side. A
hold repeats its pitch, and a rest is its own class. Every meter has eight segments a measure, so
that in 6/8 some segments repeat the previous one because of the grid alone. In each cell: **ours**
(± standard deviation over the seeds), the poster's in brackets."""
MEASURES = """- *log-loss*: nats a segment, of the 33rd segment of a tune and all after it.
- *one step*: how often the likeliest class was right; ties count their share.
- *free run*: the share of 32 segments that agree with the tune when the model continues alone after
  the tune's first 32: sampled / always the likeliest.

{classes} Training figures of the nets of windows are of every eighth window.

The poster defines accuracy as the free run, but its numbers cannot all be that:
{which}

Training of our models: RNN and LSTM are many-to-one on windows of 32, but learn in sequence form.
Tunes are cut into pieces of 64 at random places, new in each epoch. The state begins with zeros,
and every segment of a piece is predicted, not only the one after its end (`--form window` does
that, and takes 32 times as long). Dropout is a tenth of the cell's input, three tenths of its
output, and three tenths of the weights from state to state; the final weights are a running mean.
These nets are measured on literal windows. *Intervals*: the net's input also has the interval from
the previous pitch, and its output also has a probability of each interval from the last pitch;
both follow from the pitches of the window alone. One in ten of its tunes is in another key in each
epoch. *Whole tune* carries the state from the first segment of a tune, and its input also has the
position in the measure, the meter and the number of the measure, all known in advance; *recall*
adds votes for the continuation of the last similar place in the tune. Their time per segment does
not grow. Orders and smoothing of the counted models were chosen on a part of the training tunes
(`--hold-out`), and so was the dropout, by shorter runs; sizes and rates of the nets by their
training curves."""
VARIANTS = """A split by tune, as the poster's may be, has variants of some tunes on both sides. In
such random splits, {0} of the segments belong to tunes with a variant in the training set. PPM,
which repeats known music better than any net here, is right in one step for {1} of all segments,
and for {2} without those tunes: the difference is the possible advantage of a split by tune."""
HARMONIES = """## Harmony

A second head of the nets of whole tunes predicts the chord under each segment, of 145 classes,
from the melody up to and including the segment, and from the previous chords. *Alone*: no chord is
given, neither the tune's nor the net's own, for 100 tunes; half of the tunes are trained this way.
(A net that is always given the previous chord learns to repeat it.)"""
PICTURE = "![Learning curves, and accuracy beside the poster's](melody.png)"
GATES = "## What was expected"


def text(records: Sequence[Record], call: str, freely: Sequence[str] = ()) -> str:
    """Return the page in Markdown; `freely` are paragraphs on nets without regularization."""
    found = {(r.system, r.set.removeprefix(f"{SET}/"), r.measure): r for r in records}
    splits = ["train", *dict.fromkeys(s for _, s, _ in found if s in HEARD)]
    parts = [
        INTRODUCTION, melodies(found, splits), PICTURE,
        MEASURES.format(classes=_classes(found, splits[-1]), which=which(found, splits[-1])),
        GATES, markdown(("expected", "measured", ""), gates(found, splits[-1])), *freely,
        variants(found),
        HARMONIES, harmonies(found, splits[-1]), *record.all_figures(records, call),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def melodies(found: Found, splits: Sequence[str]) -> str:
    """Return a table with rows of systems, and columns of measures by split."""
    columns = [(split, measure) for split in splits for measure in (LOSS, RIGHT)]
    head = ["system", "parameters", *(f"{_word(m)}, {s}" for s, m in columns)]
    head += [f"free run, {split}" for split in splits]
    rows = []
    for system in SYSTEMS.values():
        if (system.title, splits[-1], LOSS) in found:
            sizes = found.get((system.title, "train", PARAMETERS))
            cells = [_cell(found.get((system.title, *column))) for column in columns]
            runs = [_both(found, system.title, split) for split in splits]
            size = NONE if sizes is None else f"{sizes.value:,.0f}"
            rows.append((system.title, size, *cells, *runs))
    return markdown(head, rows)


def _word(measure: str) -> str:
    return {LOSS: "log-loss", RIGHT: "one step"}[measure]


def _cell(found: Record | None) -> str:
    if found is None:
        return NONE
    spread = NONE if found.sd is None else f" ± {found.sd:.3f}"
    return f"**{found.value:.3f}**{spread}" + (f" ({found.paper})" if found.paper else NONE)


def _both(found: Found, title: str, split: str) -> str:
    sampled, likeliest = (found.get((title, split, m)) for m in (MATCH, LIKELIEST))
    if sampled is None or likeliest is None:
        return NONE
    paper = f" ({sampled.paper})" if sampled.paper else NONE
    return f"**{sampled.value:.3f}** / {likeliest.value:.3f}{paper}"


def harmonies(found: Found, split: str) -> str:
    """Return a table of the systems that predict chords."""
    measures = (f"chord_{LOSS}", f"chord_{RIGHT}", HARMONY)
    rows = [
        (system.title, *(_cell(found.get((system.title, split, m))) for m in measures))
        for system in SYSTEMS.values()
        if (system.title, split, measures[0]) in found
    ]
    return markdown(("system", f"log-loss, {split}", f"one step, {split}", "alone"), rows)


def _classes(found: Found, split: str) -> str:
    ours = found.get((SYSTEMS["random"].title, split, RIGHT))
    return f"There are {1 / ours.value:.0f} classes." if ours and ours.value else NONE


def which(found: Found, split: str) -> str:
    """Return the possible meanings of each of the poster's numbers."""
    lines = [
        "- *Random .024* is 1/42: 42 classes. A uniform guess has it in both measures.",
        "- *3-gram .369 and .315*: " + _between(found, "3-gram", split),
        "- *LSTM .766 and .588*, with a log-loss of .7460: " + _between(found, "lstm", split)
        + " Such a likelihood fits one step; no model comes near it in a free run of 32 segments.",
    ]  # fmt: skip
    return "\n".join(lines)


def _between(found: Found, name: str, split: str) -> str:
    title = SYSTEMS[name].title
    words = [
        f"{part} {_plain(found, title, part, RIGHT)} in one step, "
        f"{_plain(found, title, part, MATCH)} (sampled) or "
        f"{_plain(found, title, part, LIKELIEST)} (likeliest) in the free run"
        for part in ("train", split)
    ]
    return "ours has " + "; ".join(words) + "."


def _plain(found: Found, title: str, split: str, measure: str) -> str:
    one = found.get((title, split, measure))
    return "-" if one is None else f"{one.value:.3f}"


def gates(found: Found, split: str) -> list[tuple[str, str, str]]:
    """Return rows of expectation, figure and verdict."""
    carried, best = (SYSTEMS[name].title for name in ("carried", "recalling"))
    grams = [found.get((s.title, split, RIGHT)) for n, s in SYSTEMS.items() if n.endswith("-gram")]
    gram = max((r.value for r in grams if r is not None), default=None)
    rows = []
    for name in ("lstm", "intervals"):
        title = SYSTEMS[name].title
        rows += [
            (f"{title}: training log-loss at most 0.746", (title, "train", LOSS), -0.746),
            (f"{title}: one step at least 0.588", (title, split, RIGHT), 0.588),
        ]
        if gram is not None:
            words = f"{title}: one step at least the best add-c n-gram's {gram:.3f} + 0.10"
            rows.append((words, (title, split, RIGHT), gram + 0.10))
    rows += [
        ("whole tune: one step at least 0.68", (carried, split, RIGHT), 0.68),
        ("whole tune, recall: one step at least 0.68", (best, split, RIGHT), 0.68),
    ]
    return [
        (words, f"{one.value:.3f}", _verdict(one.value, bound))
        for words, key, bound in rows
        if (one := found.get(key)) is not None
    ]


def variants(found: Found) -> str:
    """Return the effect of a split by tune; an empty string if it was not measured."""
    title = SYSTEMS["by-tune"].title
    keys = ((SPLIT, SHARE), (SPLIT, RIGHT), (STRANGERS, RIGHT))
    records = [found.get((title, *key)) for key in keys]
    return NONE if None in records else VARIANTS.format(*map(_cell, records))


def _verdict(value: float, bound: float) -> str:
    """Return the verdict: a negative bound is an upper one, a positive bound a lower one."""
    holds = value <= -bound if bound < 0 else value >= bound
    return "reached" if holds else "**missed**"
