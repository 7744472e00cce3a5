"""The meta events that head a tune in a MIDI file: its meter, its key and a marker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mido import MetaMessage

from stream.music.note import TICKS_PER_BEAT
from stream.music.scale import signature
from stream.music.tune_facts import form_mark

if TYPE_CHECKING:
    from stream.music.note import Phrase

MOST_BYTES: Final = 120
"""Most characters of a marker, so that its length is one byte of the file."""
NOTE_VALUES: Final = frozenset({"1", "2", "4", "8", "16", "32", "64"})
"""Denominators that a time signature can have."""
MOST_BEATS: Final = 256
"""Numerators that a time signature can have are below this."""
QUARTER, DOTTED_QUARTER = 24, 36
"""MIDI clocks of a beat, as a metronome clicks it."""
SHARPS: Final = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
"""Major keys from seven flats to seven sharps."""
MIDDLE: Final = SHARPS.index("C")
RELATIVE: Final = 3
"""Fifths from the tonic of a major key to that of its relative minor."""
MINOR_SHARPS: Final = (*SHARPS[RELATIVE:], "G#", "D#", "A#")
"""The relative minor keys."""


def heading(phrase: Phrase, before: Phrase | None) -> list[MetaMessage]:
    """Return the events that head a phrase after another one: none within the same tune.

    A tune of which neither key, meter nor type is known has none.
    """
    if not phrase.title or (before is not None and _tune(phrase) == _tune(before)):
        return []
    return [*_time_signature(phrase.meter), *_key_signature(phrase.key), _marker(phrase)]


def file_heading(phrase: Phrase, before: Phrase | None) -> list[MetaMessage]:
    """Return the heading for a file: that of any tune, and the letter of the phrase in its form.

    Recordings that can be composed again have `heading` alone.
    """
    begins = before is None or _tune(phrase) != _tune(before)
    letter = [MetaMessage("marker", text=form_mark(phrase.letter))] if phrase.letter else []
    if begins and phrase.style and not phrase.title:
        beats, rest = divmod(phrase.bar, TICKS_PER_BEAT)
        meter = [] if rest or not 0 < beats < MOST_BEATS else _time_signature(f"{beats}/4")
        return [*meter, _named(phrase, f"tune {phrase.tune + 1}"), *letter]
    return [*heading(phrase, before), *letter]


def _tune(phrase: Phrase) -> tuple[int, str]:
    return phrase.tune, phrase.title


def _time_signature(meter: str) -> list[MetaMessage]:
    beats, _, below = meter.partition("/")
    if below not in NOTE_VALUES:
        return []
    compound = below == "8" and int(beats) % 3 == 0
    click = DOTTED_QUARTER if compound else 4 * QUARTER // int(below)
    fields = {"numerator": int(beats), "denominator": int(below), "clocks_per_click": click}
    return [MetaMessage("time_signature", **fields)]


def _key_signature(key: str) -> list[MetaMessage]:
    found = signature(key)
    if found is None:
        return []
    fifths, minor = found
    name = f"{MINOR_SHARPS[MIDDLE + fifths]}m" if minor else SHARPS[MIDDLE + fifths]
    return [MetaMessage("key_signature", key=name)]


def _marker(phrase: Phrase) -> MetaMessage:
    """Return a marker such as `folk: jig in D major, 6/8 (2 of 3)`."""
    place = f" ({phrase.set_text})" if phrase.set_text else ""
    return _named(phrase, f"{phrase.title}{place}")


def _named(phrase: Phrase, title: str) -> MetaMessage:
    text = f"{phrase.style}: {title}"
    return MetaMessage("marker", text=text.encode("ascii", "replace").decode()[:MOST_BYTES])
