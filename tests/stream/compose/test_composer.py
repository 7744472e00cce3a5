import dataclasses
import io
import itertools
import json
import subprocess
import sys
from functools import partial

import pytest

from stream.compose import __main__ as service
from stream.compose import call_and_response
from stream.compose.composer import Composer
from stream.compose.filter import selection
from stream.compose.phrase_context import melody
from stream.compose.service import serve
from stream.config.style_syntax import parse_style
from stream.errors import SettingsError
from stream.music.note import Controls, Note, PhraseRequest, phrase_from_json, to_json
from stream.music.stream_position import StreamPosition
from tests.stream.compose.conftest import TINY


def requests(count, **changes):
    """A stream of requests, two phrases a tune, without the notes that were played."""
    return [
        PhraseRequest(
            index=i,
            tune=i // 2,
            seed=9,
            opened=i - i % 2,
            phrase_lengths=(384,) * (i % 2),
            bars=2,
            parent=i - 1,
            **changes,
        )
        for i in range(count)
    ]


def stream(composer, count, **controls):
    """Phrase after phrase, as the player asks for them."""
    programme, phrases = StreamPosition(9, Controls(**controls)), []
    for _ in range(count):
        phrases.append(composer.compose(programme.request))
        programme = programme.after(phrases[-1])
    return phrases


def test_the_same_requests_give_the_same_phrases(composer):
    first = [composer.compose(r) for r in requests(6)]
    second = [Composer(TINY).compose(r) for r in requests(1)]
    again = Composer(TINY)
    assert first == [again.compose(r) for r in requests(6)]
    assert second == first[:1]
    assert len({phrase.notes for phrase in first}) == 6


def test_notes_lie_inside_their_phrase_and_do_not_overlap(composer):
    for phrase in (composer.compose(r) for r in requests(12)):
        ends = [n.end for n in phrase.notes]
        onsets = [n.onset for n in phrase.notes]
        assert all(end <= onset for end, onset in zip(ends, onsets[1:], strict=False))
        assert max(ends) <= phrase.length
        assert all(24 <= n.pitch <= 107 and 1 <= n.velocity <= 127 for n in phrase.notes)


def test_a_phrase_ends_on_a_bar_line_where_any_candidate_does(composer):
    """Whatever a phrase overshoots is made good by the next: bar lines do not drift."""
    now = 0
    for request in requests(2, controls=Controls(candidates=64)):
        phrase = composer.compose(request)
        now += phrase.length
        bars = [r for r in phrase.verdict.rules if r.name == "bar_line"]
        assert [r.passed for r in bars] == [now % phrase.bar == 0]


def test_a_stream_begins_with_a_note(composer):
    """A rest at its head is left out; the phrase still ends where the next one goes on."""
    openings = [dataclasses.replace(requests(1)[0], seed=seed) for seed in range(40)]
    streams = [composer.compose(request) for request in openings]
    later = [composer.compose(dataclasses.replace(r, index=2, tune=1)) for r in openings]
    assert {phrase.notes[0].onset for phrase in streams if phrase.notes} == {0}
    assert any(phrase.notes[0].onset > 0 for phrase in later if phrase.notes)
    assert all(n.end <= p.length for p in streams for n in p.notes)


def test_the_player_may_go_back_to_a_phrase(composer):
    line = requests(4)
    first = [composer.compose(r) for r in line]
    assert [composer.compose(r) for r in line[2:]] == first[2:]


def test_a_restarted_composer_goes_on_from_the_history(composer):
    """It knows no parent, but it has the notes: the phrase is whole and in the same place."""
    history = tuple(Note(48 * i - 480, 48, 60 + i) for i in range(10))
    request = dataclasses.replace(requests(4)[3], history=history)
    phrase = composer.compose(request)
    alone = Composer(TINY).compose(dataclasses.replace(request, history=()))
    assert (phrase.style, phrase.bar) == (alone.style, alone.bar)
    assert phrase.notes != alone.notes
    assert phrase == Composer(TINY).compose(request)


def test_what_is_considered_is_what_is_composed(composer):
    """Candidates, rules and choice, and nothing remembered: the phrase can still be composed."""
    first, second = requests(2)
    composer.compose(first)
    now = dataclasses.replace(composer.context(second), repeat=None)
    found = composer.evaluate(now)
    phrase = composer.compose(second)
    assert composer.evaluate(now).verdict == found.verdict == phrase.verdict
    assert len(found.table) == len(found.melodies) == second.controls.candidates
    assert found.table[found.best] == phrase.verdict.rules
    assert [n.pitch for n in phrase.notes] == found.candidates.melody(found.best)[0].tolist()


def test_the_rules_hear_the_history_within_a_tune(composer):
    history = tuple(Note(48 * i - 480, 48, 60) for i in range(10))
    opening, later = (dataclasses.replace(r, history=history) for r in requests(2))
    later = dataclasses.replace(later, phrase_lengths=(480,))
    assert [len(composer.context(r).past[0]) for r in (opening, later)] == [0, 10]


def test_controls_are_obeyed(composer):
    request = requests(1)[0]
    wished = Controls(90.0, style=((("odd", 1.0),),), temperature=0.5, top_p=0.8, candidates=3)
    phrase = composer.compose(dataclasses.replace(request, controls=wished))
    assert (phrase.bpm, phrase.style, phrase.bar) == (90.0, "odd", 144)
    assert phrase.verdict.candidates in {3, 6, 9, 12}


def test_an_unknown_style(composer):
    wished = Controls(style=((("polka", 1.0),),))
    with pytest.raises(SettingsError, match="polka"):
        composer.compose(requests(1, controls=wished)[0])


def test_the_process_answers_line_by_line(composer):
    line = requests(3)
    done = subprocess.run(
        [sys.executable, "-m", "stream.compose", str(TINY)],
        input="".join(to_json(r) + "\n" for r in line),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    ready, *answers = done.stdout.splitlines()
    assert json.loads(ready) == {"ready": True}
    assert [phrase_from_json(a) for a in answers] == [composer.compose(r) for r in line]
    assert done.stderr == ""


def test_the_process_tells_what_it_can_not_do(tmp_path, monkeypatch):
    # The bound would end the process of the tests.
    monkeypatch.setattr(service, "bound_time", lambda seconds: None)
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no voice")
    answers = io.StringIO()
    assert serve(partial(service.load, bad), io.StringIO(""), answers) == 2
    told = json.loads(answers.getvalue())
    assert ("bad.onnx" in told["error"], told["kind"]) == (True, "VoiceError")

    answers = io.StringIO()
    wished = Controls(style=((("polka", 1.0),),))
    line = to_json(requests(1, controls=wished)[0]) + "\n" + to_json(requests(1)[0]) + "\n"
    assert serve(partial(service.load, TINY), io.StringIO(line), answers) == 0
    ready, error, phrase = answers.getvalue().splitlines()
    assert json.loads(ready) == {"ready": True}
    assert "polka" in json.loads(error)["error"]
    assert json.loads(error)["kind"] == "SettingsError"
    assert phrase_from_json(phrase).notes


def contents(phrase):
    """What is heard of a phrase, whatever its place in the stream."""
    return phrase.notes, phrase.length


def test_a_tune_has_the_form_of_its_style(composer):
    """The tiny voice plays `abaBc`: two phrases, the first again, half of the second, a new one."""
    phrases = stream(composer, 12, style=parse_style("even"))
    assert [p.tune for p in phrases] == [0] * 5 + [1] * 5 + [2] * 2
    assert [p.closing for p in phrases] == ([False] * 4 + [True]) * 2 + [False] * 2
    for a, b, again, varied, new in (phrases[:5], phrases[5:10]):
        assert contents(again) == contents(a)
        assert again.verdict.candidates == 0
        kept = [n for n in b.notes if n.end <= b.length // 2]
        assert list(varied.notes[: len(kept)]) == kept
        assert 0 < len(kept) < len(b.notes)
        assert len({contents(p) for p in (a, b, varied, new)}) == 4


def test_what_is_played_again_is_played_on_from(composer):
    """After a repeated strain the state is that of a composer that has just played it."""
    phrases = stream(composer, 4, style=parse_style("even"))
    fresh = Composer(TINY)
    programme = StreamPosition(9, Controls(style=parse_style("even")))
    for phrase in phrases[:3]:
        programme = programme.after(phrase)
    fresh_four = fresh.compose(programme.request)
    assert fresh_four.notes[:3] == phrases[3].notes[:3]
    assert fresh_four.length >= 4 * 192


def test_no_tune_shares_a_run_with_an_earlier_one(composer):
    """The rule holds in every phrase that says it does, by a count of all runs of all tunes."""
    phrases = stream(composer, 40, style=parse_style("odd"), temperature=0.6)
    heard, tunes = set(), {}
    for p in phrases:
        tunes.setdefault(p.tune, []).extend((n.pitch, n.duration) for n in p.notes)
    kept = {p.tune for p in phrases} - {
        p.tune
        for p in phrases
        for r in p.verdict.rules
        if r.name == "heard_before" and not r.passed
    }
    assert len(kept) > 3
    for number, notes in tunes.items():
        pairs = [(b[0] - a[0], b[1]) for a, b in itertools.pairwise(notes)]
        runs = {tuple(pairs[i : i + 12]) for i in range(len(pairs) - 11)}
        assert number not in kept or not runs & heard
        heard |= runs


def test_a_walk_has_no_seam(composer):
    """The style goes over bit by bit, within a tune too, while metre and form stay."""
    phrases = stream(composer, 11, style=parse_style("even/odd"), walk=10)
    names = [p.style for p in phrases]
    assert (names[0], names[3], names[10]) == ("even", "even:0.7,odd:0.3", "odd")
    assert {p.bar for p in phrases if p.tune == 0} == {192}
    assert {p.bar for p in phrases if p.tune == 1} in ({192}, {144})


def left(composer, phrases, tick, **fields):
    """A request for the rest of the last of so many phrases, left after `tick`."""
    programme = StreamPosition(9, Controls(style=parse_style("even"), candidates=64))
    for _ in range(phrases):
        before, asked = programme, composer.compose(programme.request)
        programme = programme.after(asked)
    return asked, dataclasses.replace(before.within(asked, tick, 50).request, **fields)


@pytest.mark.parametrize("quaver", range(8))
def test_the_rest_of_a_phrase_ends_on_a_bar_line(composer, quaver):
    """And on the one on which the whole phrase would have ended."""
    for phrases in (2, 5):
        tick = 192 + 24 * quaver
        asked, request = left(composer, phrases, tick)
        rest = composer.compose(request)
        assert (sum(request.phrase_lengths[1:]) + tick + rest.length) % rest.bar == 0
        assert tick + rest.length == asked.length
        assert rest.parent == -1
        assert rest.closing is asked.closing is (phrases == 5)


@pytest.mark.parametrize("tick", [1, 50, 191, 193, 700, 767])
def test_a_phrase_may_be_left_at_any_tick(composer, tick):
    """Between two places of the metre nothing begins; what follows is on the grid again."""
    _, request = left(composer, 2, tick)
    rest = composer.compose(request)
    assert (tick + rest.length) % rest.bar == 0
    assert min(n.onset for n in rest.notes) >= -tick % 6
    assert all((tick + n.onset) % 2 == 0 for n in rest.notes)
    programme = StreamPosition(9).after(dataclasses.replace(rest, index=50))
    assert composer.compose(programme.request).notes


def test_the_rest_is_accented_by_its_place_in_the_bar(composer):
    for quaver in range(1, 8):
        _, request = left(composer, 2, 24 * quaver)
        for note in composer.compose(request).notes:
            assert (note.velocity == 96) == ((24 * quaver + note.onset) % 192 == 0)


def test_a_phrase_tells_whose_end_was_remembered(composer):
    line = requests(4)
    assert [composer.compose(r).parent for r in line] == [-1, 0, 1, 2]
    fresh = Composer(TINY)
    assert [fresh.compose(r).parent for r in line[2:]] == [-1, 2]
    rest = dataclasses.replace(line[3], begun=24, parent=-1)
    assert composer.compose(rest).parent == -1


def test_density_chooses_among_equals_by_their_notes(composer):
    counts = {}
    for density in (-1.0, -0.5, 0.0, 0.5, 1.0):
        controls = Controls(style=parse_style("even"), density=density)
        phrases = [
            Composer(TINY).compose(dataclasses.replace(r, seed=seed, parent=-1, controls=controls))
            for seed in range(6)
            for r in requests(2)
        ]
        counts[density] = sum(len(p.notes) for p in phrases)
        assert {p.verdict.candidates for p in phrases} == {64} or density == 0
    assert list(counts.values()) == sorted(counts.values())
    assert counts[1.0] > counts[0.0] > counts[-1.0]


def test_the_verdict_counts_all_candidates(composer):
    """Which of them plays, over all batches, and how many broke each rule."""
    for request in requests(8, controls=Controls(candidates=2)):
        now = composer.context(request)
        found = composer.evaluate(now)
        verdict = found.verdict
        batches = verdict.candidates // 2
        tries = [
            composer.evaluate_batch(now, c)
            for c in itertools.islice(composer._batches(now), batches)
        ]
        table = [rules for one in tries for rules in one.table]
        assert table[verdict.chosen] == verdict.rules == found.table[found.best]
        names = [r.name for rules in table for r in rules if not r.passed]
        assert dict(verdict.rejected) == {name: names.count(name) for name in names}
        assert verdict.accepted == sum(all(r.passed for r in rules) for rules in table)
        composer.compose(request)


def test_there_is_no_such_candidate(composer):
    with pytest.raises(
        SettingsError, match="candidate 64: invalid; at most 4 times K are composed"
    ):
        composer.recreate(requests(1)[0], 64)


def test_a_phrase_is_made_again_from_the_number_of_its_candidate(composer):
    """Its request, with the parent that it really had, and the choice are enough."""
    programme = StreamPosition(9, Controls(candidates=4, style=parse_style("even/odd"), walk=3))
    again = Composer(TINY)
    for i in range(14):
        controls = dataclasses.replace(programme.controls, density=(i % 3 - 1) / 2)
        programme = dataclasses.replace(programme, controls=controls)
        phrase = composer.compose(programme.request)
        request = dataclasses.replace(programme.request, parent=phrase.parent)
        same = again.recreate(request, phrase.verdict.chosen)
        assert dataclasses.replace(same, verdict=phrase.verdict) == phrase
        programme = programme.within(phrase, 100, 60) if i == 8 else programme.after(phrase)


@pytest.mark.parametrize("octave", [2, 5, 8])
def test_a_call_is_answered_where_the_person_plays(composer, octave):
    history = tuple(Note(48 * i - 384, 48, 12 * octave + i) for i in range(8))
    request = dataclasses.replace(requests(1)[0], index=7, history=history, call=384)
    phrase = composer.compose(request)
    middle = dataclasses.replace(
        request, history=tuple(Note(n.onset, 48, n.pitch + 12 * (5 - octave)) for n in history)
    )
    at_home = composer.compose(middle)
    for there, here in zip(phrase.notes, at_home.notes, strict=True):
        at = here.pitch + 12 * (octave - 5)
        assert there.pitch == (at if 0 <= at <= 127 else at % 12 + there.pitch // 12 * 12)
    assert (phrase.length, phrase.parent, phrase.verdict) == (at_home.length, -1, at_home.verdict)
    assert phrase.verdict.candidates == 64


def test_what_follows_an_answer_stays_in_its_register(composer):
    history = tuple(Note(48 * i - 384, 48, 24 + i) for i in range(8))
    opening, later = (dataclasses.replace(r, seed=3, history=history) for r in requests(2))
    answered = composer.compose(dataclasses.replace(opening, call=384, parent=-1))
    after = composer.compose(later)
    alone = composer.compose(dataclasses.replace(later, parent=-1))
    low, free = ([n.pitch for n in p.notes] for p in (answered, alone))
    assert after.parent == 0
    assert sum(n.pitch for n in after.notes) / len(after.notes) < sum(free) / len(free) - 12
    assert low


def test_an_answer_is_nearer_to_the_call_than_the_others(composer):
    history = tuple(Note(48 * i - 384, 48, 60 + (i % 3)) for i in range(8))
    request = dataclasses.replace(requests(1)[0], index=7, history=history, call=384)
    now = composer.context(request)
    found = composer.evaluate(now)
    tries = [composer.evaluate_batch(now, c) for c in itertools.islice(composer._batches(now), 4)]
    call = melody(list(history), now.plan.unit)
    least = min(selection.badness(rules)[:2] for one in tries for rules in one.table)
    distances = [
        call_and_response.distance(call, one.melodies[k])
        for one in tries
        for k, rules in enumerate(one.table)
        if selection.badness(rules)[:2] == least
    ]
    assert call_and_response.distance(call, found.melodies[found.best]) == min(distances)
