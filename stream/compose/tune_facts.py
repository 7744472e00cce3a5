"""The facts about a tune that its plan knows, as they are told to listeners."""

from __future__ import annotations

from stream.compose.melody.tune_sets import SIZES, set_of
from stream.compose.tune_plan import TunePlan
from stream.music.note import PhraseRequest
from stream.music.scale import OCTAVE, key_name
from stream.music.tune_facts import TuneFacts, meter_of


def tune_facts(plan: TunePlan, request: PhraseRequest, shift: int) -> TuneFacts:
    """Return the facts about the tune of a request; none for a voice without outlines.

    `shift` are the semitones from the register in which the tune sounds to the voice's, in C.
    """
    tempo = request.tempo or plan.tempo
    if plan.outline is None:
        return TuneFacts(tempo=tempo, returns_to=plan.favourite)
    number, place = set_of(request.seed, request.tune)
    first = request.tune - place
    tunes = range(first, first + max(SIZES))
    return TuneFacts(
        tempo=tempo,
        key=key_name(-shift % OCTAVE, plan.outline.mode),
        meter=plan.outline.meter or meter_of(plan.bar, plan.unit),
        kind=plan.outline.kind,
        # A favourite stands outside of the sets.
        set_place=0 if plan.favourite else place + 1,
        set_size=0
        if plan.favourite
        else sum(set_of(request.seed, tune)[0] == number for tune in tunes),
        returns_to=plan.favourite,
    )
