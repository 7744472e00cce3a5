"""A folder of kept tunes, made by a recorder."""

import dataclasses

from stream.music.note import Controls, Note, Phrase, PhraseRequest
from stream.play.recording.format import Played
from stream.play.recording.header import Header
from stream.play.recording.recorder import Recorder

LATENT = "ADwAQAA8AEA="


def part(index, tune, **facts):
    """Four bars of a jig."""
    notes = tuple(Note(24 * i, 24, 62 + (i * 5 + index) % 12) for i in range(24))
    plain = Phrase(notes, 576, 112.0, index, tune, "folk", "commons", 1, bar=144)
    told = {
        "kind": "jig",
        "key": "D major",
        "meter": "6/8",
        "latent": LATENT,
        "letter": "aAb"[index % 3],
    }
    source = dataclasses.replace(plain, closing=index % 3 == 2, **(told | facts))
    request = PhraseRequest(index, tune, 1, parent=index - 1)
    return Played(source, request, 0, 576, Controls(bpm=112.0))


def keep(folder, *stars, **facts):
    """Keep a tune for each of these stars; return the folder of the kept tunes."""
    own = Recorder(folder / "recordings", Header("1", "commons", "f" * 64, 1), 4)
    own._rater.put = lambda *_: None
    for tune, given in enumerate(stars):
        for index in range(3 * tune, 3 * tune + 3):
            own.record_part(part(index, tune, **facts))
        own.keep(tune, given)
    own.close()
    return folder / "kept"
