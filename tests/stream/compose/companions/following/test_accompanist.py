import dataclasses

import pytest

from stream.compose.companions.band import Band
from stream.compose.companions.following.accompanist import BAR, Accompanist, again
from stream.compose.step import Step
from stream.errors import SettingsError
from stream.music.note import Controls, Note
from stream.music.part import COMPANION_PARTS, LEAD_PARTS
from stream.music.stream_position import StreamPosition
from tests.stream.compose.conftest import OUTLINED

ENSEMBLE = """title = "two"
[parts.lead]
program = 1
[parts.comping]
program = 1
companion = "block-chords"
[parts.bass]
program = 33
companion = "root-bass"
"""
C = tuple(Note(24 * i - BAR, 24, pitch) for i, pitch in enumerate((60, 64, 67, 72) * 2))


@pytest.fixture
def position(tmp_path):
    path = tmp_path / "two.toml"
    path.write_text(ENSEMBLE, encoding="utf-8")
    controls = Controls(ensemble=str(path), arc=0.0, energy=1.0)
    return StreamPosition(3, controls, index=4, behind=1)


@pytest.fixture(scope="module")
def accompanist():
    return Accompanist(Step(OUTLINED).spec, Band())


def heard(position, *bars):
    """Return the position after bars on these semitones above C."""
    played = tuple(
        n.transposed(root).moved(-BAR * (len(bars) - 1 - i))
        for i, root in enumerate(bars)
        for n in C
    )
    return dataclasses.replace(position, played=played).request


def test_the_band_plays_alone(accompanist, position):
    phrase = accompanist.compose(heard(position, 0))
    assert phrase.length == 4 * BAR
    assert not phrase.closing
    assert {n.channel for n in phrase.notes} == {
        COMPANION_PARTS[r] for r in ("comping", "bass", "harmony")
    }
    assert all(n.channel >= LEAD_PARTS and 0 <= n.onset < phrase.length for n in phrase.notes)
    assert phrase == accompanist.compose(heard(position, 0))


@pytest.mark.parametrize("root", [0, 5, 10])
def test_the_bass_follows_the_person(accompanist, position, root):
    phrase = accompanist.compose(heard(position, *[root] * 6))
    bass = [n for n in phrase.notes if n.channel == COMPANION_PARTS["bass"]]
    assert bass[0].pitch % 12 == root


def test_the_rest_of_a_phrase_ends_where_the_phrase_would(accompanist, position):
    phrase = accompanist.compose(position.request)
    rest = position.within(phrase, BAR, phrase.index + 1)
    assert accompanist.compose(rest.request).length == 3 * BAR


def test_such_a_tune_has_no_end_and_little_memory(accompanist, position):
    for _ in range(12):
        position = position.after(accompanist.compose(heard(position, 0, 5)))
        assert len(position.phrase_lengths) <= 2
        assert min(n.onset for n in position.history) >= -8 * BAR
    assert position.tune == 0


def test_the_last_bar_comes_again():
    notes = again((*C, Note(-24, 90, 50)), 2 * BAR)
    assert [n.onset for n in notes] == sorted([*range(0, 2 * BAR, 24), BAR - 24, 2 * BAR - 24])
    assert max(n.end for n in notes) <= 2 * BAR
    assert again((), BAR) == ()


def test_an_unknown_ensemble_is_told(accompanist, position):
    lost = dataclasses.replace(position, controls=Controls(ensemble="nobody"))
    with pytest.raises(SettingsError, match="nobody"):
        accompanist.compose(lost.request)
