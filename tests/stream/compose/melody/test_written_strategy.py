"""A voice that composes to outlines, phrase by phrase."""

import dataclasses
import itertools
import re

import numpy as np
import pytest
from hypothesis import Phase, assume, example, given, settings
from hypothesis import strategies as st

from stream.compose.call_and_response import in_register
from stream.compose.composer import Composer
from stream.compose.melody import priming, written
from stream.compose.melody.sampler import melody_of
from stream.compose.melody.vocabulary import REST, TWELFTHS
from stream.compose.tune_plan import plan_tune
from stream.errors import VoiceError
from stream.music.call import Call, Calls
from stream.music.note import Controls, Note, Phrase
from stream.music.stream_position import StreamPosition
from tests.stream.compose.conftest import OUTLINED, changed
from tests.stream.compose.melody.outlines import counted

SCALE = (0, 4, 7, 12, 11, 9, 7, 5, 4, 2, 0, 0)
TUNES = (0, 1, 3, 4, 5)
"""Jigs and reels in five keys."""


def opening(tune, seed=3, **controls):
    first = 20 * (tune + 1)
    return StreamPosition(seed, Controls(**controls), index=first, tune=tune, opened=first)


@dataclasses.dataclass
class Played:
    """A phrase of a tune as it was composed."""

    position: StreamPosition
    phrase: Phrase
    repeat: bool
    before: list
    """The events of the written tune before it."""

    @property
    def request(self):
        return self.position.request


def play(position, composer):
    """The phrases of a tune."""
    found, events = [], []
    while not found or not found[-1].phrase.closing:
        now = composer.context(position.request)
        before = list(events)
        if now.repeat is None:
            made = composer.evaluate(now)
            events += made.candidates.events(made.best).tolist()
            phrase = composer.finish(now, made)
        else:
            phrase = composer.compose(position.request)
        found.append(Played(position, phrase, now.repeat is not None, before))
        position = position.after(phrase)
    return found


def rests_in_a_row(events):
    return any(a[0] == b[0] == REST for a, b in itertools.pairwise(events))


def outline_of(composer, request):
    return plan_tune(composer.spec, request).outline


@pytest.fixture(scope="module")
def tunes():
    """Tunes, each composed by a composer of its own."""
    return [play(opening(tune), Composer(OUTLINED)) for tune in TUNES]


def test_a_tune_is_its_outline_to_its_end(tunes):
    composer = Composer(OUTLINED)
    for tune in tunes:
        outline = outline_of(composer, tune[0].request)
        phrases = outline.phrases()
        assert len(tune) == len(phrases)
        assert [each.phrase.closing for each in tune] == [False] * (len(tune) - 1) + [True]
        for i, (each, bar) in enumerate(zip(tune, phrases, strict=True)):
            source = tune[phrases.index(bar)].phrase
            assert each.repeat == (phrases.index(bar) < i)
            assert (each.phrase.notes, each.phrase.length) == (source.notes, source.length)
            assert each.phrase.bar == outline.bar * outline.unit
            assert bool(each.phrase.verdict.candidates) != each.repeat


def test_a_repeat_leaves_the_state_where_it_was():
    composer = Composer(OUTLINED)
    repeats = [each.phrase for each in play(opening(3), composer) if each.repeat]
    assert len(repeats) >= 2
    for phrase in repeats:
        before, after = (
            composer._ends[phrase.seed, index].state for index in (phrase.parent, phrase.index)
        )
        assert before is after


def test_each_new_phrase_goes_on_from_the_written_tune_so_far(tunes):
    for tune in tunes:
        composer = Composer(OUTLINED)
        for each in tune:
            now = composer.context(each.request)
            reached = sum(TWELFTHS[duration] for *_, duration in each.before)
            if not each.request.opening:
                assert priming.position(now.start) == reached
            assert now.offset == reached % (12 * now.plan.bar)
            composer.compose(each.request)


def test_the_history_gives_the_events_back_and_so_the_music(tunes):
    """Without a stored end the phrase is the same: rests in a row alone cannot be told apart."""
    compared = 0
    composer = Composer(OUTLINED)
    for tune in tunes:
        for each in tune[1:]:
            if rests_in_a_row(each.before):
                continue
            outline = outline_of(composer, each.request)
            moved = in_register(each.request, -outline.key)
            assert [list(token) for token in written.tokens(outline, moved)] == each.before
            if not each.repeat:
                compared += 1
                again = Composer(OUTLINED).compose(dataclasses.replace(each.request, parent=-1))
                assert (again.notes, again.length) == (each.phrase.notes, each.phrase.length)
    assert compared >= 8


def test_a_composer_that_restarts_in_a_repeat_goes_on_with_the_same_tune(tunes):
    compared = 0
    for tune in tunes:
        for i, each in enumerate(tune):
            new_follows = any(not later.repeat for later in tune[i:])
            if each.repeat and new_follows and not rests_in_a_row(each.before):
                restarted = Composer(OUTLINED)
                again = [restarted.compose(later.request).notes for later in tune[i:]]
                assert again == [later.phrase.notes for later in tune[i:]]
                compared += 1
    assert compared >= 1


def test_every_phrase_sounds_in_the_key_of_its_outline(tunes):
    keys = set()
    for tune in tunes:
        composer, written_notes = Composer(OUTLINED), []
        for each, following in itertools.zip_longest(tune, tune[1:]):
            key = outline_of(composer, each.request).key
            for parent in (each.request.parent, -1):
                now = composer.context(dataclasses.replace(each.request, parent=parent))
                assert now.shift == -key
            composer.compose(each.request)
            if following is not None and not each.repeat:
                events = np.array(following.before[len(each.before) :])
                pitches = melody_of(events)[0] + key
                assert [n.pitch for n in each.phrase.notes] == pitches.tolist()
                written_notes += pitches.tolist()
            keys.add(key)
        assert written_notes
    assert len(keys) == len(TUNES)


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.integers(0, len(TUNES) - 1), st.integers(0, 7), st.integers(1, 3 * 144 + 100))
@example(3, 2, 200)
@example(2, 0, 25)
def test_an_interrupted_phrase_goes_on_and_the_tune_with_it(tunes, tune, number, tick):
    assume(number < len(tunes[tune]))
    composer = Composer(OUTLINED)
    played = tunes[tune][number]
    position = played.position.within(played.phrase, tick, played.phrase.index + 1)
    now = composer.context(position.request)
    assert (now.repeat, now.parent) == (None, -1)
    outline = now.plan.outline
    # It begins at the next place of the grid, where the written tune has got to.
    _, ticks = written.notes(outline, position.request)
    assert 0 <= now.gap < outline.unit
    reached = (ticks + now.gap) * 12 // outline.unit
    assert now.offset == reached % (12 * outline.bar)
    assert priming.position(now.start) == reached
    begin = outline.phrases()[number]
    assert begin <= reached // (12 * outline.bar) < begin + 6
    rest = composer.compose(position.request)
    overshoot = [rule.value for rule in rest.verdict.rules if rule.name == "bar_line"]
    whole = (ticks + rest.length) % rest.bar == 0
    assert whole == (overshoot == [0])
    # All phrases after it are those of the outline, from their own places.
    if rest.closing:
        return
    for each in play(position.after(rest), composer):
        later = composer.context(each.request)
        if later.repeat is None and not each.request.opening:
            _, ticks = written.notes(outline, each.request)
            behind = priming.position(later.start) - ticks * 12 // outline.unit
            assert abs(behind) < 12 * outline.bar


def phrases(position, count):
    composer, found = Composer(OUTLINED), []
    for _ in range(count):
        found.append(composer.compose(position.request))
        position = position.after(found[-1])
    return found


def called(semitones):
    """A position after a call on the tonic so many semitones from middle C, a beat a note."""
    notes = tuple(
        Note(48 * i - 48 * len(SCALE), 48, 60 + semitones + step) for i, step in enumerate(SCALE)
    )
    return opening(0).responding(Call(notes, 48 * len(SCALE)))


@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.integers(-20, 20))
def test_a_call_in_any_key_comes_back_in_that_key(semitones):
    in_c, moved = (phrases(called(by), 2) for by in (0, semitones))
    assert Composer(OUTLINED).context(called(0).request).shift == 0
    for one, other in zip(in_c, moved, strict=True):
        assert one.notes
        for a, b in zip(one.notes, other.notes, strict=True):
            pitch = a.pitch + semitones
            # Octaves beyond the keyboard are folded back.
            assert b == dataclasses.replace(a, pitch=b.pitch)
            assert b.pitch == pitch or (pitch > 127 and b.pitch == pitch - 12)


def test_a_call_without_notes_has_a_response_in_the_key_of_the_outline():
    position = opening(0).responding(Call((), 384))
    composer = Composer(OUTLINED)
    now = composer.context(position.request)
    assert now.shift == -now.plan.key
    assert composer.compose(position.request).notes


def test_a_response_that_is_interrupted_ends_with_a_bar():
    composer = Composer(OUTLINED)
    position = called(0)
    phrase = composer.compose(position.request)
    tick = phrase.bar + 24
    rest = position.within(phrase, tick, phrase.index + 1)
    now = composer.context(rest.request)
    assert now.offset == 24 * 12 // now.plan.unit
    assert priming.position(now.start) % (12 * now.plan.bar) == now.offset


def test_a_change_of_style_keeps_the_tune():
    composer = Composer(OUTLINED)
    even, odd = (((name, 1.0),) for name in ("even", "odd"))
    begun = opening(0, style=(even,))
    first = composer.compose(begun.request)
    position = dataclasses.replace(begun.after(first), controls=Controls(style=(odd,)))
    one, other = (plan_tune(composer.spec, each.request) for each in (begun, position))
    assert (one.outline, one.form, one.bar) == (other.outline, other.form, other.bar)
    assert not np.array_equal(one.latent, other.latent)
    second = composer.compose(position.request)
    assert (second.style, second.tune, second.bar) == ("odd", first.tune, first.bar)


GOOD = counted("8x24;major;reel;2;180;0 0 1 1;8 8;.4 =4 =4 ~4 .9;")


@pytest.mark.parametrize(
    ("outlines", "fault"),
    [
        ((), "has no outlines"),
        ((GOOD,), "has not one latent point for each outline"),
        ((GOOD,) * 7 + ("8x24;major",), "has a damaged outline: '8x24;major' is not the outline"),
        ((GOOD,) * 7 + (GOOD.replace("=4", "=9"),), "has a damaged outline: a bar of an outline"),
        ((GOOD,) * 7 + (GOOD.replace("8x24", "8x25"),), "cannot be played in phrases"),
        ((GOOD,) * 7 + (counted("8x24;;;0;0;0;6;.6;"),), "cannot be played in phrases"),
        ((GOOD,) * 7 + (counted("8x24;;;0;0;0;108;.108;"),), "cannot be played in phrases"),
    ],
)
def test_a_voice_with_damaged_outlines_is_refused(tmp_path, outlines, fault):
    voice = changed(OUTLINED, tmp_path, outlines=outlines, points="")
    if "latent point" in fault:
        voice = changed(OUTLINED, tmp_path, outlines=outlines)
    with pytest.raises(VoiceError, match=rf"^voice {re.escape(str(voice))}: style \w+ .*") as error:
        Composer(voice)
    assert fault in str(error.value)
    assert "\n" not in str(error.value)


def test_a_style_without_points_is_at_its_center(tmp_path):
    voice = Composer(changed(OUTLINED, tmp_path, points=""))
    plan = plan_tune(voice.spec, opening(0, style=((("odd", 1.0),),)).request)
    assert plan.latent.tolist() == [-1, 0, 0, 0]


def test_a_response_comes_near_to_what_the_person_has_played_before():
    calls = Calls()
    for _ in range(6):
        notes = tuple(Note(96 * (i - 8), 96, 60 + step) for i, step in enumerate((0, 7) * 4))
        call = calls.add(notes, 96 * 8, 0.0)
    answers = {True: [], False: []}
    for seed in range(4):
        position = dataclasses.replace(opening(seed, candidates=16), index=3)
        for known, each in ((True, call), (False, dataclasses.replace(call, before=()))):
            request = position.responding(each).request
            composer = Composer(OUTLINED)
            assert (composer.context(request).person is not None) == known
            answers[known] += composer.compose(request).notes

    def fifths(notes):
        return sum(n.pitch % 12 in {0, 7} for n in notes) / len(notes)

    assert fifths(answers[True]) > fifths(answers[False])
