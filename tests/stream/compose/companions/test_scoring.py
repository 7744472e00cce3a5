"""Given music is scored part by part: what a companion expects costs fewer bits."""

import pytest

from stream.compose.companions.companion import Companion
from stream.compose.companions.kinds import kind_named
from stream.compose.companions.scoring import score
from stream.errors import CorpusError
from stream.music.note import Note
from stream.voices.spec import COMPANIONS

LEAD = tuple(Note(48 * i, 48, 60 + step) for i, step in enumerate((0, 2, 4, 5, 7, 5, 4, 0) * 4))


def companion(name):
    return Companion(COMPANIONS / f"{name}.onnx", kind_named(name), name)


def bass(*steps):
    return tuple(Note(48 * i, 48, 36 + steps[i % len(steps)]) for i in range(32))


def test_a_plain_bass_costs_less_than_a_wild_one():
    model = companion("bass")
    chords = {"comping": tuple(Note(192 * i, 192, p) for i in range(8) for p in (48, 52, 55))}
    plain, wild = (
        score(model, {"lead": LEAD, "bass": line, **chords}, 192)
        for line in (bass(0), bass(1, 18, 6, 22, 3))
    )
    assert plain.keys() == wild.keys() == {"rock", "folk"}
    assert all(0 < plain[style] < wild[style] for style in plain)


@pytest.mark.parametrize(
    ("name", "message"), [("hymnal", "no part alto"), ("drums", "drums cannot be scored")]
)
def test_music_without_its_part_is_refused(name, message):
    with pytest.raises(CorpusError, match=message):
        score(companion(name), {"lead": LEAD}, 192)
