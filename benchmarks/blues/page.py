"""The page of results, made from the records alone."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import record
from benchmarks.record import Record, markdown

INTRODUCTION = """# The blues: Eck & Schmidhuber (2002), measured again

Twelve bars, eight steps a bar. Chords are twelve notes and melodies thirteen, each a unit that is
on or off. The paper's melodies are lost, so the two bars for each place are our own here: 2^12
songs. Networks as in the paper: blocks of two cells that share their gates, biases of the
gates -0.5, -1, -1.5 and -2 by block (`--forget-sign -1` inverts those of the forget gates), outputs
connected to cells and notes. In the first experiment four blocks learn the chords; in the second,
four read the chords and four the melody, without a connection from melody to chords.

They learn by Adam, through three whole choruses at once; the paper learns step by step (`--paper
MILLIONS`). Then they play by themselves: chord notes over one half sound, and one melody note is
sampled. In the paper, training ends with the first cycle without a wrong note. The rows *stopped
by one cycle* show that this can be luck; the others have played ten such cycles, those with a
melody a hundred, in which melody notes had all but 1e-5 of the probability. The hundred measured
choruses are new samples.

The control is the paper's: as many tanh units, and three times as many. With this optimizer it
sometimes succeeds, so the value of gates shows in how often networks of eight cells, and of eight
units, learn to play the form. A network that has learnt its melodies well also plays one of the
2^12 as a whole from time to time."""
VOICE = """*The voice* is one network for four forms (major, minor, quick change, jazz), thirty-two
frames a bar, a class for note ends, and a bass; the form is its control. Measured are many parallel
streams, and a long one, each from its first frame on, without corrections or resets. *Proved to
repeat*: all state that the next chords depend on was bit for bit the same some choruses before, so
that they repeat for ever. *New bars*: not among the bars of 400 training choruses of the same kind
(in the second experiment: not one of the two written for their place)."""
EXPECTED = "## What was expected"
PICTURE = "![Chord notes kept and lost in free play, and a chorus of the voice](blues.png)"


def text(records: Sequence[Record], call: str) -> str:
    """Return the page in Markdown."""
    parts = [
        INTRODUCTION, PICTURE, VOICE, EXPECTED, expected(records),
        *record.all_figures(records, call),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def expected(records: Sequence[Record]) -> str:
    """Return the table of expected and measured figures."""
    head = ("what", "expected", "found", "")
    rows = [
        (f"{r.system}: {r.measure}", r.paper or "", _exactly(r.value), verdict)
        for r in records
        if (verdict := _verdict(r.value, r.paper or ""))
    ]
    return markdown(head, rows)


def _verdict(value: float, wanted: str) -> str:
    """Return the verdict on a figure; an empty string if nothing is expected."""
    if wanted == "none":
        return _word(value == 0)
    if wanted in {"all", "1"}:
        return _word(value >= 1)
    if wanted.startswith("at least "):
        return _word(value >= float(wanted.removeprefix("at least ")))
    many, of, _ = wanted.partition(" of ")
    return _word(value >= int(many)) if of else ""


def _exactly(value: float) -> str:
    """Return a number with five digits, so that nearly 1 does not look like 1."""
    return f"{value:.5f}".rstrip("0").rstrip(".")


def _word(holds: object) -> str:
    return "reached" if holds else "**missed**"
