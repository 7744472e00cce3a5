import dataclasses
import io
import itertools
import json
import subprocess
import sys

import pytest

from stream.blend import parse_style
from stream.compose.__main__ import serve
from stream.compose.composer import Composer
from stream.errors import SettingsError
from stream.note import Controls, Note, PhraseRequest, phrase_from_json, to_json
from stream.play.programme import Programme

from .conftest import TINY


def requests(count, **changes):
    """A stream of requests, two phrases a tune, without the notes that were played."""
    return [
        PhraseRequest(
            index=i,
            tune=i // 2,
            seed=9,
            opened=i - i % 2,
            strains=(384,) * (i % 2),
            bars=2,
            parent=i - 1,
            **changes,
        )
        for i in range(count)
    ]


def stream(composer, count, **controls):
    """Phrase after phrase, as the player asks for them."""
    programme, phrases = Programme(9, Controls(**controls)), []
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
        ends = [n.onset + n.duration for n in phrase.notes]
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
    assert all(n.onset + n.duration <= p.length for p in streams for n in p.notes)


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
    now = dataclasses.replace(composer.situation(second), strain=None)
    found = composer.consider(now)
    phrase = composer.compose(second)
    assert composer.consider(now).verdict == found.verdict == phrase.verdict
    assert len(found.table) == len(found.melodies) == second.controls.candidates
    assert found.table[found.best] == phrase.verdict.rules
    assert [n.pitch for n in phrase.notes] == found.candidates.melody(found.best)[0].tolist()


def test_the_rules_hear_the_history_within_a_tune(composer):
    history = tuple(Note(48 * i - 480, 48, 60) for i in range(10))
    opening, later = (dataclasses.replace(r, history=history) for r in requests(2))
    later = dataclasses.replace(later, strains=(480,))
    assert [len(composer.situation(r).past[0]) for r in (opening, later)] == [0, 10]


def test_controls_are_obeyed(composer):
    request = requests(1)[0]
    wished = Controls(90.0, ((("odd", 1.0),),), temperature=0.5, top_p=0.8, candidates=3)
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


def test_the_process_tells_what_it_can_not_do(tmp_path):
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no voice")
    answers = io.StringIO()
    assert serve(bad, io.StringIO(""), answers) == 2
    assert "bad.onnx" in json.loads(answers.getvalue())["error"]

    answers = io.StringIO()
    wished = Controls(style=((("polka", 1.0),),))
    line = to_json(requests(1, controls=wished)[0]) + "\n" + to_json(requests(1)[0]) + "\n"
    assert serve(TINY, io.StringIO(line), answers) == 0
    ready, error, phrase = answers.getvalue().splitlines()
    assert json.loads(ready) == {"ready": True}
    assert "polka" in json.loads(error)["error"]
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
        kept = [n for n in b.notes if n.onset + n.duration <= b.length // 2]
        assert list(varied.notes[: len(kept)]) == kept
        assert 0 < len(kept) < len(b.notes)
        assert len({contents(p) for p in (a, b, varied, new)}) == 4


def test_what_is_played_again_is_played_on_from(composer):
    """After a repeated strain the state is that of a composer that has just played it."""
    phrases = stream(composer, 4, style=parse_style("even"))
    fresh = Composer(TINY)
    programme = Programme(9, Controls(style=parse_style("even")))
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
