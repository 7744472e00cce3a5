import base64
import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose.audio.composer import FADE_SECONDS, AudioComposer
from stream.errors import MessageError, SettingsError
from stream.music.audio_chunk import AudioChunkRequest, AudioControls
from tests.stream.compose.audio.conftest import VOICES

RATE = 8000
LOUDEST_STEP = 0.9 * 2 * np.pi * 600 / RATE
"""Between two samples of the tiny voices: of their highest sine, at its loudest."""


def stream(sound, seconds, controls=AudioControls(), seed=7, rate=RATE, passage=0.5):  # noqa: B008
    """The passages of a stream."""
    audio = sound.spec.audio
    blocks = round(passage * audio.rate / audio.hop)
    state, passages = "", []
    for index in range(round(seconds / passage)):
        style_checksum = controls(index) if callable(controls) else controls
        found = sound.compose(AudioChunkRequest(index, seed, blocks, rate, style_checksum, state))
        state = found.state
        passages.append(found)
    return passages


def heard(passages):
    samples = b"".join(base64.b64decode(p.samples) for p in passages)
    return np.frombuffer(samples, "<i2") / 32767


def test_the_same_seed_gives_the_same_sound_however_it_is_asked_for(voice):
    found = [
        heard(stream(AudioComposer(voice), 6, seed=seed, passage=passage))
        for seed, passage in ((7, 0.5), (7, 0.25), (8, 0.5))
    ]
    assert len(found[0]) == 6 * RATE
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_a_composer_that_starts_anew_goes_on_as_if_nothing_had_happened(voice):
    whole = stream(AudioComposer(voice), 6, rate=11025)
    state = whole[5].state
    for passage in whole[6:]:
        request = AudioChunkRequest(passage.index, 7, blocks(voice), 11025)
        again = AudioComposer(voice).compose(dataclasses.replace(request, state=state))
        assert again == passage
        state = again.state


def blocks(voice):
    return {"tiny_sound": 20, "tiny_spectrum": 4}[voice.stem]


def test_there_is_no_click_in_a_stream_of_many_tunes(voice):
    passages = stream(AudioComposer(voice), 40)
    assert passages[-1].tune >= 5
    assert sum(p.opens for p in passages) == passages[-1].tune + 1
    made = heard(passages)
    assert np.abs(np.diff(made)).max() < LOUDEST_STEP
    assert np.abs(made).max() <= 1
    assert {p.style for p in passages} == {"low", "high"}


def test_a_tune_rises_from_silence(voice):
    made = heard(stream(AudioComposer(voice), 1))
    first, later = made[: RATE // 50], made[round(FADE_SECONDS * RATE) :]
    assert np.abs(first).max() < 0.2 * np.abs(later).max()


def test_the_style_that_is_asked_for_begins_a_tune(voice):
    def controls(index):
        return AudioControls(((("low", 1.0),),) if index < 4 else ((("high", 1.0),),))

    passages = stream(AudioComposer(voice), 4, controls)
    assert [p.style for p in passages] == ["low"] * 4 + ["high"] * 4
    assert [p.tune for p in passages] == [0] * 4 + [1] * 4
    assert [p.opens for p in passages] == [True] + [False] * 3 + [True] + [False] * 3


def test_a_walk_moves_without_a_new_tune(changed):
    sound = AudioComposer(changed({"tune": 1e4}))
    walk = AudioControls(((("low", 1.0),), (("high", 1.0),)), walk=2)
    passages = stream(sound, 24, walk, passage=1.0)
    assert passages[0].style == "low"
    assert passages[9].style == "low:0.5,high:0.5"
    assert passages[17].style == "high"
    assert {p.tune for p in passages if not p.died} == {0}


def test_an_unknown_style_is_refused(voice):
    with pytest.raises(SettingsError, match="has high, low"):
        stream(AudioComposer(voice), 1, AudioControls(((("jazz", 1.0),),)))


@pytest.mark.parametrize(
    ("bounds", "died", "ran_away"),
    [({"quiet": 0.05, "loud": 1.0}, True, False), ({"quiet": 0.0, "loud": 0.001}, False, True)],
)
def test_a_sound_that_dies_or_runs_away_gives_way_to_the_next_tune(changed, bounds, died, ran_away):
    sound = AudioComposer(changed({"tune": 1e4, **bounds}))
    silent = AudioControls(temperature=1e-3)
    passages = stream(sound, 20, silent)
    assert bool(sum(p.died for p in passages)) == died
    assert bool(sum(p.ran_away for p in passages)) == ran_away
    assert passages[-1].tune == sum(p.died + p.ran_away for p in passages) > 0
    assert np.abs(np.diff(heard(passages))).max() < LOUDEST_STEP


def test_states_that_are_no_numbers_are_left_at_once():
    """Silence instead of noise, and the next tune; the memory of it can still be read."""
    sound = AudioComposer(VOICES[0])
    first = stream(sound, 1)[-1]
    broken = bytearray(base64.b64decode(first.state))
    assert np.frombuffer(broken, "<f4", 3, 56).max() > 0  # the amplitudes, behind seven counts
    broken[56:68] = np.full(3, np.nan, "<f4").tobytes()
    request = AudioChunkRequest(2, 7, 40, RATE, AudioControls(), base64.b64encode(broken).decode())
    found = sound.compose(request)
    assert (found.ran_away, found.tune, found.opens) == (1, 1, True)
    made = heard([found])
    assert np.abs(made[-RATE // 4 :]).max() > 0.05
    assert np.abs(np.diff(made)).max() < LOUDEST_STEP


@settings(max_examples=50)
@given(st.binary(max_size=400))
def test_a_memory_of_something_else_is_refused(data):
    request = AudioChunkRequest(1, 7, 1, RATE, AudioControls(), base64.b64encode(data).decode())
    if data:
        with pytest.raises(MessageError, match="not from this voice at this rate"):
            SOUND.compose(request)


SOUND = AudioComposer(VOICES[0])


def test_the_volume_is_heard_and_never_too_loud(voice):
    plain, half, loud = (
        heard(stream(AudioComposer(voice), 2, AudioControls(volume=volume)))
        for volume in (1.0, 0.5, 100.0)
    )
    np.testing.assert_allclose(half, plain / 2, atol=2 / 32767)
    assert np.abs(loud).max() <= 1
    assert np.square(loud).mean() > np.square(plain).mean()


def test_another_rate_is_the_same_sound_in_more_samples(voice):
    plain, finer = (heard(stream(AudioComposer(voice), 2, rate=rate)) for rate in (RATE, 6 * RATE))
    assert len(finer) == 6 * len(plain)
    for each in (plain, finer):
        line = np.abs(np.fft.rfft(each)).argmax() / 2
        assert line in {240.0, 360.0, 600.0}
    assert np.square(finer).mean() == pytest.approx(np.square(plain).mean(), rel=0.02)
