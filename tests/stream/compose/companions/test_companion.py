"""A companion hears the whole phrase, is primed by the past, and plays the same for the same."""

import pytest

from stream.compose.companions.companion import Companion, previous
from stream.compose.companions.score import Score
from stream.errors import VoiceError
from stream.music.note import Note
from tests.stream.compose.companions.toy import ToyKind
from tests.stream.compose.conftest import DATA

TINY_COMPANION = DATA / "tiny_companion.onnx"

LEAD = tuple(Note(48 * i, 48, 60 + i) for i in range(16))
PAST = tuple(note.moved(-768) for note in LEAD)
DRUMS = tuple(Note(onset, 6, 36, 80, 9) for onset in range(-768, 0, 48))
SCORE = Score({"lead": PAST + LEAD, "drums": DRUMS}, 768, 192, 48, 768, (768,), style="loud")


@pytest.fixture(scope="module")
def companion():
    return Companion(TINY_COMPANION, ToyKind(), "drums")


def test_the_same_score_gives_the_same_part(companion):
    first, again = (companion.compose(SCORE, (1, 2), 4) for _ in range(2))
    assert first == again
    assert len(first.table) == first.verdict.candidates == 4
    notes = first.parts["drums"]
    assert notes
    assert all(n.onset >= 0 and n.end <= 768 and n.channel == 9 for n in notes)
    assert companion.compose(SCORE, (1, 3), 4) != first


def test_the_past_is_heard(companion):
    silent = Score({"lead": LEAD}, 768, 192, 48, style="loud")
    bits = companion.bits(Score({"lead": LEAD, "drums": LEAD}, 768, 192, 48))
    assert bits.shape == (64,)
    assert (bits > 0).all()
    assert companion.compose(silent, (1, 2), 4) != companion.compose(SCORE, (1, 2), 4)


def test_the_phrase_before_is_a_score_of_its_own():
    before = previous(SCORE)
    assert before is not None
    assert before.length == 768
    assert before.notes("lead") == LEAD
    assert before.phrase_lengths == ()
    assert previous(before) is None


def test_a_part_of_the_phrase_that_was_played_comes_before_the_rest():
    begun = Score({"lead": PAST}, 384, 192, 48, 768 + 384, (768,))
    before = previous(begun)
    assert before is not None
    assert (before.length, before.past, before.phrase_lengths) == (384, 768, (768,))


def test_a_voice_of_another_kind_is_refused():
    with pytest.raises(VoiceError, match="kind 'drums' is not accepted here, but bass"):
        Companion(TINY_COMPANION, ToyKind(), "bass")
