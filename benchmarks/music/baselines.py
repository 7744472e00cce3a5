"""Bits per note of the shipped voice beside models that count: n-grams and PPM.

All systems are scored causally, event by event, on tunes outside every training set. Each baseline
is trained on all styles together and on the style of the tune alone, and the two predictions are
multiplied: on the validation set the product is better than either. The validation set chooses the
best order and the best baseline; the test set compares.

The opening of a tune, in which nothing has returned yet, is also scored separately.

The voice knows a tune's style, mode, bar length, dance and position in the bar; the baselines know
its style.

A voice that composes to outlines reads each tune in C, and each strain once as it is written; so do
the baselines. It is told the outline, which is taken from the tune itself: which bars return, how
many notes a bar has, how high they are, and the chords, which for most tunes are implied by their
notes. The baselines are not told, so that its bits cannot fairly be compared with theirs: they
say how much of a tune is left to its notes. The same voice is therefore also read with the chords
alone, as it learned a share of its tunes, and with nothing, for which it was never trained; only
the last is held against the goal. Segments are read by voices without outlines alone: they begin
off the bar.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import script
from benchmarks.music.corpora import as_learned, as_played, tags_of
from benchmarks.music.voice_bits import NOTHING, told, voice_bits
from benchmarks.record import Record, publish
from export.corpus.dataset import split_of
from export.models import ppm
from export.models.ngram import Floats, Tunes, bits, in_a_row, n_grams, product
from stream.compose.step import Step
from stream.compose.tunes.tune import Melody
from stream.config.settings import DEFAULT_VOICE
from stream.voices.spec import VoiceSpec, find_voice

NAME = "baselines"
ORDERS = range(1, 10)
SEGMENT = 64
DANCES = "folk"
OPENING = 32
ANCHOR = "3.95, an earlier reading"
GOAL = 0.7
STATIC, ADAPTIVE = "PPM, long term", "PPM, long and short term"
DRAWS = 4000

Bools = NDArray[np.bool_]
Scores = dict[str, Floats]
"""Bits of each event of a set, tune after tune, by system."""


def scored(step: Step, train: Sequence[Melody], tested: Sequence[Melody]) -> Scores:
    """Return the bits of the events of `tested` by system."""
    learned, new = rows(train, step.spec), rows(tested, step.spec)
    alike, own = (n_grams(a, b, ORDERS[-1]) for a, b in groupings(learned, new))
    scores = {
        witten_bell(order): bits(product(one, other), new.tokens)
        for order, one, other in zip(ORDERS, alike, own, strict=True)
    }
    long = product(*(ppm.long_term(a, b) for a, b in groupings(learned, new)))
    both = product(long, ppm.short_term(new))
    scores |= {STATIC: bits(long, new.tokens), ADAPTIVE: bits(both, new.tokens)}
    return scores | {
        system: np.concatenate(voice_bits(step, tested, told(step.spec)[what]))
        for system, what in voices(step.spec).items()
    }


def voices(spec: VoiceSpec) -> dict[str, str]:
    """Return the systems that are the voice, and what each of them is told of a tune."""
    names = told(spec)
    return {f"{spec.name}, {what}" if len(names) > 1 else spec.name: what for what in names}


def rows(melodies: Sequence[Melody], spec: VoiceSpec) -> Tunes:
    """Return the melodies in a row, with their styles as kinds."""
    styles = tags_of(spec, "style")
    return in_a_row([m.tokens for m in melodies], [styles.index(m.style) for m in melodies])


def groupings(learned: Tunes, tested: Tunes) -> tuple[tuple[Tunes, Tunes], tuple[Tunes, Tunes]]:
    """Return both sets with all styles together, and with each style alone."""
    return (learned.alike(), tested.alike()), (learned, tested)


def witten_bell(order: int) -> str:
    return f"Witten-Bell, order {order}"


def cut(melodies: Sequence[Melody], length: int = SEGMENT) -> list[Melody]:
    """Return pieces of `length` events without context; the last of a melody may be shorter."""
    return [
        dataclasses.replace(m, tokens=m.tokens[i : i + length])
        for m in melodies
        for i in range(0, len(m.tokens), length)
    ]


def gap(ours: Floats, theirs: Floats, tune: NDArray[Any]) -> tuple[float, float, float]:
    """Return the bits per event that `ours` saves on `theirs`, and the 95 % interval.

    The interval is a bootstrap over tunes; variants and segments of a tune are drawn together.
    `tune` [E] names the tune of each event.
    """
    number = np.unique(tune, return_inverse=True)[1]
    sizes, saved = np.bincount(number), np.bincount(number, theirs - ours)
    drawn = np.random.default_rng(0).integers(len(sizes), size=(DRAWS, len(sizes)))
    low, high = np.percentile(saved[drawn].sum(1) / sizes[drawn].sum(1), (2.5, 97.5))
    return float(saved.sum() / sizes.sum()), float(low), float(high)


def parts(tested: Sequence[Melody], where: str) -> dict[str, Bools]:
    """Return masks [E] of the set's events, of each style, of openings and of the rest."""
    lengths = [len(m.tokens) for m in tested]
    style = np.repeat([m.style for m in tested], lengths)
    opening = np.concatenate([np.arange(length) < OPENING for length in lengths])
    single = {f"{name}, {where}": style == name for name in dict.fromkeys(style.tolist())}
    halves = {
        f"first {OPENING} events of a tune, {where}": opening,
        f"later events, {where}": ~opening,
    }
    whole = {where: np.ones_like(opening)}
    return whole | single | halves if len(single) > 1 else whole


def compared(
    scores: Scores, tested: Sequence[Melody], where: str, sides: tuple[Sequence[str], VoiceSpec]
) -> list[Record]:
    """Return the voice's gain on each rival, for the whole set and its parts.

    `sides` are the rivals and the voice.
    """
    rivals, ours = sides[0], voices(sides[1])
    names = [f"{m.style} {m.group}" for m in tested]
    tune = np.repeat(names, [len(m.tokens) for m in tested])
    found = [reading(system, where, values) for system, values in scores.items()]
    for name, mask in parts(tested, where).items():
        if name != where:
            found += [reading(system, name, scores[system][mask]) for system in (*rivals, *ours)]
        n = len(np.unique(tune[mask]))
        for system, what in ours.items():
            for rival in rivals:
                value, low, high = gap(scores[system][mask], scores[rival][mask], tune[mask])
                beside = f"{goal(what, value)}; 95 %: {low:.2f} to {high:.2f}"
                measure = f"gain on {rival}"
                found.append(Record(system, name, measure, "bits/note", value, None, n, beside))
    return found


def goal(what: str, value: float) -> str:
    """Return the verdict on a gain, if the voice is told no more than its rival."""
    if what != NOTHING:
        return f"{what} of the tune, which the other is not"
    return f"at least {GOAL} ({'met' if value >= GOAL else 'missed'})"


def reading(system: str, where: str, values: Floats) -> Record:
    return Record(system, where, "causal", "bits/note", float(values.mean()), n=len(values))


def records(step: Step, melodies: Sequence[Melody], where: str = "") -> list[Record]:
    """Return every system on the validation set, and the comparison on the test set."""
    train, valid, test = (
        [m for m in melodies if split_of(m) == split] for split in ("train", "valid", "test")
    )
    choice, scores = scored(step, train, valid), scored(step, train, test)
    n_gram = min(map(witten_bell, ORDERS), key=lambda system: choice[system].mean())
    found = [reading(system, f"validation set{where}", choice[system]) for system in choice]
    rivals = (n_gram, STATIC, ADAPTIVE)
    return found + compared(scores, test, f"test set{where}", (rivals, step.spec))


def anchored(record: Record) -> Record:
    """Return the record with the known figure, if it has one."""
    known = record.system == witten_bell(3) and record.measure == "causal"
    return dataclasses.replace(record, paper=ANCHOR) if known else record


def main() -> None:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    args = parser.parse_args()
    step = Step(args.voice)
    melodies, styles = as_played(args.corpus, step.spec), tags_of(step.spec, "style")
    strangers = {m.style for m in melodies} - set(styles)
    if strangers:
        parser.error(
            f"--corpus {min(strangers)}=...: style must be one of voice {step.spec.name}'s styles, "
            f"{', '.join(styles)}"
        )
    found = records(step, as_learned(melodies, step.spec))
    dances = [m for m in melodies if m.style == DANCES]
    if dances and not step.spec.context:
        beside = records(step, cut(dances), f", {DANCES} in segments of {SEGMENT} events")
        found += [anchored(record) for record in beside]
    publish(NAME, found)


if __name__ == "__main__":
    main()
