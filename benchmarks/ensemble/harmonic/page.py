"""The page of `benchmarks.ensemble.harmony`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from benchmarks import record, script
from benchmarks.ensemble.harmonic.measures import MEASURES
from benchmarks.record import Record, figure, markdown

INTRODUCTION: Final = """# Harmony of melodies

The companion `harmony` gives melodies of held-out songs their chords, phrase by phrase of four
bars, without seeing beyond the phrase. *companion* is what plays: the choice of the rules among
candidates drawn at temperature 1. *companion, likeliest* is the commonest chord of each beat among
32 candidates. *Markov* is a hidden Markov harmoniser (chords relative to the tonic as states, the
melody's pitch classes in each beat as emissions, Viterbi) that hears the whole tune; of those that
counted more or less of the training songs the one is taken that agrees most with the validation
sheets. *chance* are random triads of the key that change as often as the real chords: the control
that must lose. Of long songs the first 48 bars count. No companion learned from the Nottingham
tunes."""
AGREEMENT: Final = """## Agreement with the real chords

Shares of the beats in which the root agrees, and root and quality; bits of the real chords for
each change of chord. The goal, 1.15 times the Markov model's agreement, is for *companion,
likeliest*: both answer with their best guess. The last column is the share of beats with root and
quality right as a multiple of the Markov model's."""
MUSIC: Final = """## The music

Means over the tunes, beside the 10th to 90th percentile of real tunes. Shares of the melody's time
on chord tones: on *strong* beats, *other beats*, and *off beats*. *changes*: chords that begin in
a bar. *root motions*: Jensen-Shannon divergence (bits) of the motions of the roots from those of
the other real tunes. *chromatic*: share of the time with a chord tone outside the key. *clashes*:
notes of the melody held a beat or longer a minor ninth above a chord tone, in a hundred bars. Bold
values are outside the band (nine of ten real tunes end on the tonic: there the band has no width).
Tunes that the voice `commons` composes stand beside real ones of their kind."""
MARKOV: Final = "Markov"
ANSWERS: Final = ("root agrees", "root and quality agree", "bits per change")


def page(records: Sequence[Record]) -> str:
    """Return the page of all records."""
    parts = [INTRODUCTION, AGREEMENT, _agreement(records), MUSIC]
    parts += [_music(records, name) for name in dict.fromkeys(r.set for r in records)]
    parts += record.all_figures(records, script.command("harmony"))
    return "\n\n".join(parts) + "\n"


def _agreement(records: Sequence[Record]) -> str:
    found = {(r.set, r.system, r.measure): r for r in records if r.measure in ANSWERS}
    rows = []
    for tunes, system in dict.fromkeys((r.set, r.system) for r in found.values()):
        cells = [found.get((tunes, system, measure)) for measure in ANSWERS]
        goals = next((cell.paper for cell in cells[1:2] if cell and cell.paper), "")
        base = found[tunes, MARKOV, ANSWERS[1]].value
        times = figure(cells[1].value / base) if cells[1] and base else ""
        values = (figure(cell.value) if cell else "" for cell in cells)
        rows.append([tunes, system, *values, goals, times])
    return markdown(["set", "system", *ANSWERS, "goal of root and quality", "times Markov"], rows)


def _music(records: Sequence[Record], tunes: str) -> str:
    found = {(r.system, r.measure): r for r in records if r.set == tunes and r.measure in MEASURES}
    systems = dict.fromkeys(system for system, _ in found)
    rows = [
        [system, *(_cell(found[system, measure]) for measure in MEASURES)] for system in systems
    ]
    first = next(iter(systems))
    rows.append(["real, 10 to 90 %", *(found[first, m].paper or "" for m in MEASURES)])
    return f"### {tunes[:1].upper()}{tunes[1:]}\n\n{markdown(['system', *MEASURES], rows)}"


def _cell(one: Record) -> str:
    low, high = map(float, (one.paper or "0 to 1").split(" to "))
    text = figure(one.value)
    return text if low <= one.value <= high else f"**{text}**"
