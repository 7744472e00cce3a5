import dataclasses
import io
import json
import subprocess
import sys

import pytest

from stream.compose.__main__ import serve
from stream.compose.composer import Composer
from stream.errors import SettingsError
from stream.note import Controls, Note, PhraseRequest, phrase_from_json, to_json

from .conftest import TINY


def requests(count, **changes):
    """A stream of requests as the player makes them, two phrases a tune."""
    return [
        PhraseRequest(i, i // 2, i % 2 == 0, seed=9, bars=2, parent=i - 1, **changes)
        for i in range(count)
    ]


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
    found = composer.consider(second)
    phrase = composer.compose(second)
    assert composer.consider(second).verdict == found.verdict == phrase.verdict
    assert len(found.table) == len(found.candidates) == second.controls.candidates
    assert found.table[found.best] == phrase.verdict.rules
    assert [n.pitch for n in phrase.notes] == found.candidates.melody(found.best)[0].tolist()


def test_the_rules_hear_the_history_within_a_tune(composer):
    history = tuple(Note(48 * i - 480, 48, 60) for i in range(10))
    opening, later = (dataclasses.replace(r, history=history) for r in requests(2))
    assert [len(composer.consider(r).past[0]) for r in (opening, later)] == [0, 10]


def test_controls_are_obeyed(composer):
    request = requests(1)[0]
    wished = Controls(90.0, (("odd", 1.0),), 0.5, 0.8, 3)
    phrase = composer.compose(dataclasses.replace(request, controls=wished))
    assert (phrase.bpm, phrase.style, phrase.bar) == (90.0, "odd", 144)
    assert phrase.verdict.candidates == 3


def test_an_unknown_style(composer):
    wished = Controls(style=(("polka", 1.0),))
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
    wished = Controls(style=(("polka", 1.0),))
    line = to_json(requests(1, controls=wished)[0]) + "\n" + to_json(requests(1)[0]) + "\n"
    assert serve(TINY, io.StringIO(line), answers) == 0
    ready, error, phrase = answers.getvalue().splitlines()
    assert json.loads(ready) == {"ready": True}
    assert "polka" in json.loads(error)["error"]
    assert phrase_from_json(phrase).notes
