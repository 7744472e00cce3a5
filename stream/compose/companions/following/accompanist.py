"""The accompanist: the band alone, to what a person has played until now.

The companions hear the last bar that the person has played as if it came again, and the chord that
is expected of the next bar.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from stream.compose.companions.band import Band
from stream.compose.companions.following.chord_guess import ChordGuess
from stream.compose.companions.score import Notes
from stream.compose.polyphony.voicing import QUALITIES, voiced
from stream.compose.tune_plan import TunePlan, plan_tune
from stream.music.note import TICKS_PER_BEAT, Note, Phrase, PhraseRequest
from stream.music.part import COMPANION_PARTS, HARMONY, LEAD_PARTS
from stream.music.scale import OCTAVE
from stream.music.tune_facts import TuneFacts
from stream.music.verdict import Verdict
from stream.voices.spec import VoiceSpec

BEATS = 4
"""Beats of a bar: the band counts four, as clocks do."""
BAR = BEATS * TICKS_PER_BEAT
UNIT = TICKS_PER_BEAT // 2
VELOCITY = 66
QUALITY_OF = tuple(
    [name for name, _ in QUALITIES].index(name) for name in ("6", "minor7", "7", "half-diminished")
)
"""Quality in which the band plays each class of `chord_guess.CLASSES`."""


class Accompanist:
    """The band of a voice's ensembles, led by a person."""

    def __init__(self, spec: VoiceSpec, band: Band) -> None:
        self._spec, self._band = spec, band
        self._guess = ChordGuess()

    def compose(self, request: PhraseRequest) -> Phrase:
        """Return the rest of a phrase from the next bar line on, without a lead.

        Raises `SettingsError` for a style that the voice lacks, or an unknown ensemble.
        """
        plan = dataclasses.replace(
            plan_tune(self._spec, request), outline=None, form="", bar=BAR // UNIT, unit=UNIT
        )
        length = request.bars * BAR - request.begun % BAR
        heard = tuple(note for note in request.played if note.onset < 0)
        lead = again(heard, length)
        chords = self._chords(heard, length)
        past = [*_sounding(heard), *(n for n in request.history if n.channel >= LEAD_PARTS)]
        request = dataclasses.replace(request, history=tuple(sorted(past, key=_onset)))
        phrase = self._phrase(request, plan, lead, length)
        played = self._band.accompany("melody", request, plan, phrase, chords).phrase
        own = tuple(note for note in played.notes if note.channel >= LEAD_PARTS)
        return dataclasses.replace(played, notes=own, roles=("",))

    def _phrase(self, request: PhraseRequest, plan: TunePlan, lead: Notes, length: int) -> Phrase:
        facts = TuneFacts(tempo=request.tempo or plan.tempo)
        return Phrase(
            notes=lead,
            length=length,
            bpm=request.controls.tempo(facts),
            index=request.index,
            tune=request.tune,
            style=plan.name,
            voice=self._spec.name,
            seed=request.seed,
            bar=BAR,
            verdict=Verdict(candidates=0, accepted=0),
            parent=request.parent,
            tempo=facts.tempo,
        )

    def _chords(self, heard: Sequence[Note], length: int) -> Notes:
        """Return the chords that are expected, one a bar, as notes."""
        bars = -(-length // BAR)
        first = length - bars * BAR
        before: tuple[int, ...] = ()
        notes: list[Note] = []
        for number, chord in enumerate(self._guess.next_chords(heard, BAR, bars)):
            quality, root = divmod(chord, OCTAVE)
            before = voiced(1 + OCTAVE * QUALITY_OF[quality] + root, before)
            onset = max(first + number * BAR, 0)
            end = first + (number + 1) * BAR
            part = COMPANION_PARTS[HARMONY]
            notes += [Note(onset, end - onset, pitch, VELOCITY, part) for pitch in before]
        return tuple(notes)


def again(heard: Sequence[Note], length: int) -> Notes:
    """Return the last bar that was heard, again and again for `length` ticks."""
    bar = [note for note in heard if note.onset >= -BAR]
    return tuple(
        note.moved(begin + BAR).until(min(note.end + begin + BAR, length))
        for begin in range(0, length, BAR)
        for note in bar
        if note.onset + begin + BAR < length
    )


def _sounding(heard: Sequence[Note]) -> list[Note]:
    """Return the notes that were heard as notes of the lead."""
    return [dataclasses.replace(note, channel=0) for note in heard]


def _onset(note: Note) -> int:
    return note.onset
