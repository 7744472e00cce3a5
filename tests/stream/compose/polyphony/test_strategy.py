import dataclasses
import itertools
import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose.composer import Composer
from stream.compose.filter.novelty import Corpus
from stream.compose.polyphony import lead_frames
from stream.compose.polyphony.kinds import frame_kind
from stream.compose.polyphony.strategy import FrameStrategy
from stream.errors import VoiceError
from stream.music.call import Call
from stream.music.note import Controls, Note, PhraseRequest, phrase_from_json, to_json
from stream.music.stream_position import StreamPosition, opening
from stream.voices.protobuf import find_property
from stream.voices.spec import KEY, append_spec, read_spec
from tests.stream.compose.conftest import CHORALE, LEAD, PIANO, changed

VOICES = [CHORALE, PIANO, LEAD]
ALL = pytest.mark.parametrize("voice", VOICES, ids=["chorale", "piano", "lead"])
BAR = 192
CHANNELS = {CHORALE: {0, 1, 2, 3}, PIANO: {0}, LEAD: {0, 1, 2}}


def stream(composer, count, seed=9, **controls):
    """(request, phrase) one behind the other, as the player asks for them."""
    programme = StreamPosition(seed, Controls(**({"candidates": 4} | controls)))
    found = []
    for _ in range(count):
        request = programme.request
        found.append((request, composer.compose(request)))
        programme = programme.after(found[-1][1])
    return found


def phrases(*args, **options):
    return [phrase for _, phrase in stream(*args, **options)]


@ALL
def test_the_same_requests_give_the_same_phrases(voice):
    first, second = (phrases(Composer(voice), 8) for _ in range(2))
    assert first == second
    assert first != phrases(Composer(voice), 8, seed=10)


@ALL
def test_every_part_is_a_line_and_every_phrase_whole_bars(voice):
    found = phrases(Composer(voice), 14)
    for phrase in found:
        assert phrase.length % phrase.bar == 0
        assert phrase.bar == BAR
        assert [n.onset for n in phrase.notes] == sorted(n.onset for n in phrase.notes)
        lines = {}
        for n in phrase.notes:
            assert n.end <= phrase.length
            assert 1 <= n.velocity <= 127
            # Keys of a piano and notes of a chord sound together.
            together = voice == PIANO or (voice == LEAD and n.channel == 1)
            key = (n.channel, n.pitch if together else None)
            lines.setdefault(key, []).append(n)
        for line in lines.values():
            assert all(a.end <= b.onset for a, b in itertools.pairwise(line))
    channels = {n.channel for phrase in found for n in phrase.notes}
    assert channels == CHANNELS[voice]


@ALL
def test_a_restarted_composer_plays_the_very_same(voice):
    """It has heard nothing but the history, and that of the tune alone; yet nothing differs."""
    for request, phrase in stream(Composer(voice), 7):
        alone = Composer(voice).compose(dataclasses.replace(request, parent=-1))
        assert alone.notes == phrase.notes
        assert (alone.length, alone.closing) == (phrase.length, phrase.closing)


@ALL
def test_the_player_may_go_back_to_a_phrase(voice):
    composer = Composer(voice)
    line = stream(composer, 4)
    assert [composer.compose(request) for request, _ in line[2:]] == [p for _, p in line[2:]]


@ALL
def test_what_was_chosen_is_composed_again_without_rules(voice):
    composer = Composer(voice)
    line = stream(composer, 12)
    again = Composer(voice)
    for request, phrase in line:
        asked = dataclasses.replace(request, parent=phrase.parent)
        assert again.recreate(asked, phrase.verdict.chosen).notes == phrase.notes


def test_a_tune_has_the_form_of_its_style():
    """The tiny chorale plays `abaBcd`."""
    found = phrases(Composer(CHORALE), 12)
    assert [p.closing for p in found] == ([False] * 5 + [True]) * 2
    for a, b, again, varied, *_ in (found[:6], found[6:]):
        assert (again.notes, again.length) == (a.notes, a.length)
        assert again.verdict.candidates == 0
        half = b.length // 2
        kept = [n for n in b.notes if n.end <= half]
        held = [(n.onset, n.pitch, n.channel) for n in b.notes if n.onset < half]
        assert set(kept) <= set(varied.notes)
        assert [(n.onset, n.pitch, n.channel) for n in varied.notes if n.onset < half] == held
        assert varied.length == b.length
        assert varied.notes != b.notes


def test_a_tune_ends_on_a_chord_that_is_held():
    ends = [p for p in phrases(Composer(CHORALE), 18) if p.closing]
    assert len(ends) == 3
    for phrase in ends:
        (rule,) = [r for r in phrase.verdict.rules if r.name == "last_chord"]
        last = max(n.onset for n in phrase.notes)
        assert rule.value == (phrase.length - last) / 12
        assert rule.passed


def test_the_soprano_is_a_little_louder_and_beats_are_accented():
    notes = [n for p in phrases(Composer(CHORALE), 6) for n in p.notes]
    loud = {
        (n.channel == 0, n.onset % 192 == 0): n.velocity for n in notes if n.onset % 192 in {0, 12}
    }
    assert loud == {(True, True): 102, (False, True): 96, (True, False): 76, (False, False): 70}


@ALL
def test_the_rest_of_a_phrase_is_asked_for_from_a_bar_line(voice):
    """A control has moved: what was played stays, what follows ends where the phrase did."""
    composer = Composer(voice)
    programme = StreamPosition(9, Controls(candidates=4))
    for _ in range(3):
        before, phrase = programme, composer.compose(programme.request)
        programme = before.after(phrase)
    for tick in (192, 384, 100, 5):
        cut = before.within(phrase, tick, phrase.index + 1)
        rest = composer.compose(cut.request)
        assert (cut.begun + rest.length) % rest.bar == 0
        assert rest.parent == -1
        step = 12 if voice == CHORALE else 24
        assert all((tick + n.onset) % step == 0 for n in rest.notes)
        assert rest == Composer(voice).compose(cut.request)
        following = cut.after(rest).request
        assert composer.compose(following).length % rest.bar == 0


@ALL
def test_a_call_is_heard(voice):
    call = tuple(Note(48 * i - 192, 48, p, channel=5) for i, p in enumerate((60, 64, 67, 72)))
    programme = StreamPosition(9, Controls(candidates=4))
    answer = Composer(voice).compose(programme.responding(Call(call, 192)).request)
    assert answer == Composer(voice).compose(programme.responding(Call(call, 192)).request)
    other = tuple(n.transposed(1) for n in call)
    composer = Composer(voice)
    changed = composer.compose(programme.responding(Call(other, 192)).request)
    assert changed.notes != answer.notes
    assert changed.length % changed.bar == 0
    later = programme.responding(Call(other, 192)).after(changed).request
    assert composer.compose(later).notes


@ALL
def test_density(voice):
    def notes(density):
        return sum(len(p.notes) for p in phrases(Composer(voice), 5, density=density))

    assert notes(-1.0) < notes(1.0)


@ALL
def test_controls_are_obeyed(voice):
    composer = Composer(voice)
    for request, phrase in stream(composer, 3, bpm=77.0, temperature=0.3, top_p=0.4, candidates=3):
        assert phrase.bpm == 77.0
        assert phrase.verdict.candidates in {0, 3, 6, 9, 12}
        assert request.controls.top_p == 0.4
    cold, warm = (phrases(Composer(voice), 2, temperature=t) for t in (0.2, 2.0))
    assert sum(len(p.notes) for p in cold) < sum(len(p.notes) for p in warm)


def test_a_stream_begins_with_a_note_and_its_bars_stay():
    """What begins first is held for the time of the silence before it; no bar becomes shorter."""
    held = 0
    for seed in (3, 7):
        request = opening(seed, Controls(candidates=4)).request
        phrase = Composer(PIANO).compose(request)
        old = Composer(PIANO).compose(dataclasses.replace(request, more=0))
        rest = phrase.length - old.length
        assert phrase.length == 2 * phrase.bar
        assert [
            (n.onset, n.duration - rest) if n.onset == 0 else (n.onset - rest, n.duration)
            for n in phrase.notes
        ] == [(n.onset, n.duration) for n in old.notes]
        held += rest > 0
    assert held


def test_the_first_phrase_of_an_old_recording_is_without_its_rest():
    """Such a request knows nothing of a second part, and so the old music is composed again."""
    shortened = 0
    for seed in (3, 7):
        request = dataclasses.replace(opening(seed, Controls(candidates=4)).request, more=0)
        programme, composer = StreamPosition(seed, request.controls), Composer(PIANO)
        first = composer.compose(request)
        assert first.notes[0].onset == 0
        shortened += first.length < 2 * first.bar
        request = programme.after(first).request
        second = composer.compose(request)
        alone = Composer(PIANO).compose(dataclasses.replace(request, parent=-1))
        assert alone.notes == second.notes
    assert shortened


def tune_changes(voice, found):
    kind = frame_kind(read_spec(voice))
    notes, ticks = [], 0
    for p in found:
        notes += [n.moved(ticks) for n in p.notes]
        ticks += p.length
    return kind.changes(kind.encode(notes, ticks // kind.ticks))


def with_corpus(voice, tmp_path, melodies):
    """The voice with the runs of these changes as those of its corpus."""
    spec, data = read_spec(voice), voice.read_bytes()
    start, _ = find_property(data, KEY)
    path = tmp_path / "copier.onnx"
    path.write_bytes(append_spec(data[:start], spec, Corpus.table(melodies)))
    return path


def test_copies_of_the_corpus_are_noticed(tmp_path):
    """A voice whose corpus is what it is about to play."""
    (_, first), (asked, second) = stream(Composer(PIANO), 2)
    copier = Composer(with_corpus(PIANO, tmp_path, [tune_changes(PIANO, [first, second])]))
    request = dataclasses.replace(asked, parent=-1)
    now = copier.context(request)
    candidates = next(copier._batches(now))
    rules = copier.evaluate_batch(now, candidates).table
    runs = [next(r for r in row if r.name == "copied_run") for row in rules]
    chosen = second.verdict.chosen
    assert runs[chosen].value > 16
    # The others share what was before them.
    assert all(run.value < runs[chosen].value for k, run in enumerate(runs) if k != chosen)
    assert copier.compose(request).notes != second.notes


def test_no_tune_is_heard_twice():
    """The same tune asked for once more, as another: it is known, and another is played."""
    composer = Composer(PIANO)
    first = stream(composer, 4)
    request = first[1][0]
    told = first[0][1]
    later = dataclasses.replace(
        request, tune=1, opened=4, index=1, parent=-1, phrase_lengths=(told.length,)
    )
    composer.compose(dataclasses.replace(first[0][0], tune=7, index=50))
    now = composer.context(later)
    candidates = next(composer._batches(now))
    rules = composer.evaluate_batch(now, candidates).table
    heard = [next(r.value for r in row if r.name == "heard_before") for row in rules]
    assert heard[first[1][1].verdict.chosen] > 0


def test_a_voice_without_latent_and_with_other_noise_is_a_voice():
    assert (read_spec(CHORALE).latent, read_spec(CHORALE).noise) == (0, 4)
    assert (read_spec(PIANO).latent, read_spec(PIANO).noise) == (1, 15)


def test_a_style_of_another_kind_is_refused(tmp_path):
    bounds = {"pitch_class": (0.0, 1.0)}
    with pytest.raises(VoiceError, match="has bounds on unknown features: \\['pitch_class'"):
        Composer(changed(PIANO, tmp_path, bounds=bounds))


@pytest.mark.parametrize("meter", ["16x12", "8x36"])
def test_a_meter_that_has_no_whole_frames_is_refused(meter):
    spec = read_spec(CHORALE)
    (style,) = spec.styles.values()
    spec = dataclasses.replace(spec, kind="chords_melody", heads=lead_frames.HEADS[0], ticks=24)
    craft = FrameStrategy(SimpleNamespace(spec=spec, corpus=b""), None)
    style = dataclasses.replace(style, meters={meter: 1.0}, bounds={})
    assert craft.style_fault(style) == (
        f"has meters ['{meter}'] that frames of 24 ticks do not fit"
    )


def test_frames_of_a_piano_are_units_of_the_metre(tmp_path):
    def told(phrases, part):
        return [[(n.onset // part, n.duration // part, n.pitch) for n in p.notes] for p in phrases]

    eighths = phrases(Composer(PIANO), 3)
    quarters = phrases(Composer(changed(PIANO, tmp_path, meters={"8x48": 1.0})), 3)
    assert told(quarters, 48) == told(eighths, 24)
    assert [p.length for p in quarters] == [2 * p.length for p in eighths]
    assert {n.onset % 48 or n.duration % 48 for p in quarters for n in p.notes} == {0}
    assert {p.bar for p in quarters} == {8 * 48}


def test_the_process_answers(tmp_path):
    line = stream(Composer(CHORALE), 3)
    done = subprocess.run(
        [sys.executable, "-m", "stream.compose", str(CHORALE)],
        input="".join(to_json(request) + "\n" for request, _ in line),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    ready, *answers = done.stdout.splitlines()
    assert json.loads(ready) == {"ready": True}
    assert [phrase_from_json(a) for a in answers] == [phrase for _, phrase in line]


notes = st.builds(
    Note,
    onset=st.integers(-2000, -1),
    duration=st.integers(1, 3000),
    pitch=st.integers(0, 127),
    velocity=st.integers(1, 127),
    channel=st.integers(0, 15),
)
requests = st.builds(
    PhraseRequest,
    index=st.integers(0, 9),
    tune=st.integers(0, 3),
    seed=st.integers(0, 3),
    opened=st.integers(0, 9),
    phrase_lengths=st.lists(st.integers(1, 900), max_size=7).map(tuple),
    begun=st.just(0) | st.integers(0, 900),
    bars=st.integers(1, 3),
    parent=st.integers(-1, 9),
    history=st.lists(notes, max_size=30).map(lambda n: tuple(sorted(n, key=lambda n: n.onset))),
    call=st.just(0) | st.integers(0, 900),
    controls=st.just(Controls(candidates=2)),
)
WARM = {voice: Composer(voice) for voice in VOICES}


@settings(max_examples=40)
@given(st.sampled_from(VOICES), requests)
def test_any_request_gets_an_answer(voice, request):
    """Whatever the history: a phrase with something in it, that the player can read."""
    phrase = WARM[voice].compose(request)
    assert phrase.length > 0
    assert phrase_from_json(to_json(phrase)) == phrase
    assert all(0 <= n.onset < phrase.length for n in phrase.notes)


def test_bounds_of_a_style_are_asked():
    first = Composer(CHORALE).compose(opening(9, Controls(candidates=4)).request)
    names = {rule.name for rule in first.verdict.rules}
    assert names == {"density", "crossings", "silence", "heard_again", "heard_before", "copied_run"}
    second = phrases(Composer(CHORALE), 2)[1]
    assert "chord_change_entropy" in {rule.name for rule in second.verdict.rules}


def test_modes_are_drawn_by_tune():
    composer = Composer(CHORALE)
    tags = [
        composer.context(PhraseRequest(index=i, tune=i, seed=1, opened=i)).plan.tags.tolist()
        for i in range(20)
    ]
    assert sorted({tuple(t) for t in tags}) == [(0.0, 1.0, 0.0), (1.0, 0.0, 0.0)]
    pianos = Composer(PIANO).context(
        PhraseRequest(0, 0, 1, controls=Controls(style=((("dances", 1.0),),)))
    )
    np.testing.assert_array_equal(pianos.plan.tags, [1.0])


def test_a_tune_whose_last_phrase_comes_back_gets_a_new_ending(tmp_path):
    """`aba` by its form: a voice that can close plays half of the first phrase, and closes."""
    composer = Composer(changed(CHORALE, tmp_path, forms={"aba": 1.0}))
    first, _, last = phrases(composer, 3)
    assert last.closing
    assert last.verdict.candidates > 0
    assert last.notes[:2] == first.notes[:2]
    plain = Composer(changed(PIANO, tmp_path, forms={"aba": 1.0}))
    first, _, last = phrases(plain, 3)
    assert (last.notes, last.verdict.candidates) == (first.notes, 0)
