"""What the composer tells of the tunes of a voice with outlines."""

import itertools

import pytest

from stream.compose.composer import Composer
from stream.compose.tune_plan import plan_tune
from stream.music.call import Call
from stream.music.note import Controls, Note
from stream.music.scale import MAJOR, OCTAVE, key_name
from stream.music.stream_position import opening
from stream.music.tune_facts import TuneFacts
from tests.stream.compose.conftest import OUTLINED, TINY

TONICS = {key_name(tonic, mode): tonic for tonic in range(OCTAVE) for mode in ("major", "minor")}


def tunes(count, seed=3, **controls):
    """Return the phrases of each tune, with the plan of the tune."""
    composer = Composer(OUTLINED)
    position = opening(seed, Controls(candidates=2, **controls))
    found = []
    while len(found) <= count:
        request = position.request
        phrase = composer.compose(request)
        if phrase.tune == len(found):
            found.append((plan_tune(composer.spec, request), []))
        found[-1][1].append(phrase)
        position = position.after(phrase)
    return found[:count]


def test_each_phrase_tells_what_the_plan_of_its_tune_says():
    for plan, phrases in tunes(8):
        outline = plan.outline
        for phrase in phrases:
            assert phrase.bpm == (plan.tempo or 120.0)
            assert (phrase.tempo, phrase.kind) == (plan.tempo, outline.kind)
            assert phrase.key == key_name(plan.key % OCTAVE, outline.mode)
            assert (
                phrase.meter
                == {144: "3/4" if outline.unit == 48 else "6/8", 192: "4/4"}[phrase.bar]
            )


def test_the_tunes_of_a_set_are_counted():
    places = [(phrases[0].set_place, phrases[0].set_size) for _, phrases in tunes(12)]
    sizes = [size for place, size in places if place == 1]
    assert places == [(place + 1, size) for size in sizes for place in range(size)]
    assert sum(sizes) == 12
    assert set(sizes) <= {2, 3, 4}
    assert len({phrases[0].kind for _, phrases in tunes(2)}) == 1


@pytest.mark.parametrize("bpm", [100.0, 0])
def test_a_fixed_tempo_leaves_the_facts_and_the_notes(bpm):
    fixed, own = tunes(4, bpm=bpm), tunes(4)
    for (_, some), (_, others) in zip(fixed, own, strict=True):
        for one, other in zip(some, others, strict=True):
            assert one.bpm == (bpm or other.bpm)
            assert (one.title, one.tempo, one.notes) == (other.title, other.tempo, other.notes)


@pytest.mark.parametrize("tonic", [2, 5, 9])
def test_a_response_has_the_key_and_the_tempo_of_its_call(tonic):
    call = tuple(
        Note(24 * (i - 8), 24, 60 + tonic + MAJOR[step])
        for i, step in enumerate((0, 2, 4, 3, 1, 6, 0, 0))
    )
    composer, position = Composer(OUTLINED), opening(1, Controls(candidates=2))
    position = position.after(composer.compose(position.request)).responding(Call(call, 192, 97.5))
    found = []
    while not found or not found[-1].closing:
        found.append(composer.compose(position.request))
        position = position.after(found[-1])
    assert {TONICS[phrase.key] for phrase in found} == {tonic}
    assert {phrase.bpm for phrase in found} == {97.5}
    later = composer.compose(position.request)
    assert later.tempo == plan_tune(composer.spec, position.request).tempo


def test_a_voice_without_outlines_tells_nothing():
    composer, position = Composer(TINY), opening(1, Controls(candidates=2))
    for phrase in itertools.islice(_stream(composer, position), 4):
        facts = {name: getattr(phrase, name) for name in TuneFacts.__slots__}
        assert TuneFacts(**facts) == TuneFacts()
        assert phrase.bpm == 120.0


def _stream(composer, position):
    while True:
        phrase = composer.compose(position.request)
        yield phrase
        position = position.after(phrase)
