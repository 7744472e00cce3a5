"""A fake composer whose tunes have facts: a set of jigs, then a set of reels, each in its key."""

import dataclasses

from stream.music.note import Phrase, PhraseRequest
from stream.music.tune_facts import TuneFacts
from tests.data import fake_composer

TUNES = (
    TuneFacts(tempo=112, key="D major", meter="6/8", kind="jig", set_place=1, set_size=2),
    TuneFacts(tempo=116, key="G major", meter="6/8", kind="jig", set_place=2, set_size=2),
    TuneFacts(tempo=192, key="E minor", meter="4/4", kind="reel", set_place=1, set_size=3),
)


def compose(request: PhraseRequest) -> Phrase:
    """Return a phrase of the fake composer; a tune is two phrases."""
    facts = TUNES[request.tune % len(TUNES)]
    facts = dataclasses.replace(facts, tempo=request.tempo or facts.tempo)
    return dataclasses.replace(
        fake_composer.compose(request),
        bpm=request.controls.tempo(facts),
        closing=len(request.phrase_lengths) == 1,
        **dataclasses.asdict(facts),
    )
