"""Outlines and tunes that tests share, and strategies that draw them."""

from hypothesis import strategies as st

from stream.compose.melody.outline import (
    EQUAL,
    MOST_NOTES,
    REGISTERS,
    SIMILAR,
    Outline,
    Return,
    parsed,
)
from stream.compose.melody.vocabulary import REST, REST_OCTAVE, TWELFTHS
from stream.compose.polyphony.voicing import CLASSES

UNIT = TWELFTHS.index(12)
"""Duration class of one unit."""
MODES, KINDS = st.sampled_from(["major", "minor", ""]), st.sampled_from(["reel", "slip jig", ""])


@st.composite
def returns(draw, bars):
    """Relations of so many bars to earlier ones."""
    found = [Return()]
    for at in range(1, bars):
        lag = draw(st.integers(0, at))
        degree = draw(st.sampled_from([SIMILAR, EQUAL])) if lag else 0
        found.append(Return(lag, degree))
    return tuple(found)


@st.composite
def outlines(draw):
    """Any outline."""
    lengths = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
    last = len(lengths) - 1
    return Outline(
        bar=draw(st.integers(1, 99)),
        unit=draw(st.integers(10, 999)),
        mode=draw(MODES),
        meter=draw(st.sampled_from(["", "4/4", "6/8", "12/8"])),
        kind=draw(KINDS),
        key=draw(st.integers(-40, 40)),
        tempo=draw(st.integers(0, 400)),
        strains=tuple(draw(st.lists(st.integers(0, last), min_size=1, max_size=9))),
        lengths=tuple(lengths),
        returns=draw(returns(sum(lengths))),
        counts=tuple(
            draw(st.lists(st.integers(0, MOST_NOTES), min_size=sum(lengths), max_size=sum(lengths)))
        ),
        registers=tuple(
            draw(
                st.lists(
                    st.integers(0, REGISTERS - 1), min_size=sum(lengths), max_size=sum(lengths)
                )
            )
        ),
        chords=tuple(
            draw(st.lists(st.tuples(st.integers(0, CLASSES - 1), st.integers(1, 999)), max_size=9))
        ),
    )


def counted(text):
    """The text of an outline, from one without notes and registers.

    Each bar has four notes, and those from middle C on for a fourth.
    """
    *head, lengths, runs, chords = text.split(";")
    bars = sum(map(int, lengths.split()))
    return ";".join([*head, lengths, runs, "4" * bars, "3" * bars, chords])


def outline_of(text):
    """The outline in a text without the numbers of notes."""
    return parsed(counted(text))


def bar_of(*pitches, unit=UNIT):
    """Tokens of a bar of equal notes of the octave of middle C; None is a rest."""
    return [
        (REST, REST_OCTAVE, unit) if pitch is None else (pitch % 12, 3 + pitch // 12, unit)
        for pitch in pitches
    ]
