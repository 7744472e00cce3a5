"""The page of results, made from the records alone."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import record
from benchmarks.record import Record, markdown

INTRODUCTION = """# The blues: Eck & Schmidhuber (2002), measured again

Twelve bars, eight steps a bar. Chords are twelve notes and melodies thirteen, each a unit that is
on or off; the melodies of the paper are lost, so that its two bars for each place are ours here:
2^12 songs. Networks as in the paper: blocks of two cells that share their gates, biases of the
gates -0.5, -1, -1.5 and -2 by block (`--forget-sign -1` turns those of the forget gates), outputs
that hear cells and notes. In the first experiment four blocks learn the chords; in the second, four
hear the chords and four the melody, and nothing leads from melody to chords.

They learn by Adam, through three whole choruses at once, where the paper has a step at a time
(`--paper MILLIONS`). Then they play by themselves: chord notes over one half sound, one melody note
is drawn. In the paper, training ends with the first cycle without a wrong note. As the rows
*stopped by one cycle* have it, that can be luck; the others have played ten, those with a melody a
hundred, in which all but 1e-5 of the chances fell to notes that melodies have. The hundred that are
measured are others, drawn anew.

The control is the paper's: as many tanh units, and three times as many. With this optimizer it is
not without hope, so that what gates are worth here is to be read from how often networks of eight
cells, and of eight units, come to play the form. A network that has learnt its melodies well also
plays one of the 2^12 as a whole now and then."""
VOICE = """*The voice* is one network for four forms (major, minor, quick change, jazz), thirty-two
frames a bar, note ends a class of their own, with a bass; the form is its control. Many streams
side by side, and a long one, each from its first frame on, without a fault being mended or a state
set back. *Proved to repeat*: all that the chords to come depend on was, bit for bit, what it had
been some choruses before; so they go on like this for ever. *New bars*: not among the bars of 400
choruses of the kind that it learnt from (in the second experiment: not one of the two written for
their place)."""
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
