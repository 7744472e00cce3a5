import json
import pathlib

import pytest

from stream.__main__ import main
from stream.compose.composer import Composer
from stream.compose.filter.entropy import FEATURES
from stream.compose.polyphony.chorale_frames import CHORALE as FRAMES
from stream.music.note import Controls
from stream.music.stream_position import opening
from tests.stream.compose.conftest import CHORALE

TINY = pathlib.Path(__file__).parents[2] / "data" / "tiny.onnx"


def explain(*args):
    return main(["explain", "--voice", str(TINY), "--seed", "3", *map(str, args)])


def test_facts_are_those_of_the_phrase_that_plays(capsys):
    assert explain("--count", 5, "--phrase", 3, "--style", "odd", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    composer = Composer(TINY)
    position = opening(3, Controls(style=((("odd", 1.0),),), candidates=5))
    phrases = []
    for _ in range(3):
        phrases.append(composer.compose(position.request))
        position = position.after(phrases[-1])
    assert (facts["seed"], facts["phrase"], facts["tune"], facts["style"]) == (3, 3, 1, "odd")
    assert facts["notes_before"] == sum(len(p.notes) for p in phrases[:2])
    assert [c["candidate"] for c in facts["candidates"]] == [1, 2, 3, 4, 5]
    chosen = facts["candidates"][facts["chosen"] - 1]
    assert tuple(chosen["features"]) == FEATURES
    verdict = phrases[-1].verdict
    assert [(r["name"], r["value"], r["passed"]) for r in chosen["rules"]] == [
        (r.name, r.value, r.passed) for r in verdict.rules
    ]
    assert facts["accepted"] == verdict.accepted
    order = ("essential_broken", "broken", "excess", "candidate")
    assert min(facts["candidates"], key=lambda c: [c[name] for name in order]) == chosen


def test_a_block_a_candidate_and_the_choice(capsys):
    assert explain("--count", 20) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    blocks = text.strip().split("\n\n")
    assert len(blocks) == 22
    heads = [block.splitlines()[0] for block in blocks]
    assert heads[0].startswith("Phrase 1 of seed 3, tune 1, ")
    assert [head.split(":")[0] for head in heads[1:21]] == [f"Candidate {k}" for k in range(1, 21)]
    (playing,) = [head.split(":")[0] for head in heads if head.endswith("<- plays")]
    assert blocks[-1].startswith(f"{playing} plays: ")
    body = blocks[1].splitlines()
    assert [line.split()[0] for line in body[2:8]] == list(FEATURES[:6])
    assert {line.split()[0] for line in body[8:]} <= {"pass", "FAIL"}
    assert body[-1].split()[1] == "copied_run"


def test_the_least_bad_one_is_explained(capsys):
    """Bounds that no phrase of this voice keeps: the tiny voice's notes are random."""
    for seed in range(20):
        assert explain("--seed", seed, "--count", 1, "--json") == 0
        facts = json.loads(capsys.readouterr().out)
        if facts["accepted"] == 0:
            assert explain("--seed", seed, "--count", 1) == 0
            last = " ".join(capsys.readouterr().out.split("\n\n")[-1].split())
            broken, rules = (facts["candidates"][0][x] for x in ("broken", "rules"))
            assert last.startswith("Candidate 1 plays: none of 1 keeps every rule")
            assert f"it breaks {broken} of {len(rules)} rules, by " in last
            return
    pytest.fail("every phrase passed")


@pytest.mark.parametrize("phrase", ["0", "-1", "x", "1.5", "1001"])
def test_there_is_no_such_phrase(phrase, capsys):
    assert explain("--phrase", phrase) == 2
    assert f"--phrase {phrase}: give a whole number from 1" in capsys.readouterr().err


def test_a_voice_of_several_parts_is_explained(capsys):
    """Its own features, a line each, and no table of entropies."""
    asked = ("explain", "--voice", str(CHORALE), "--seed", "3", "--count", "4", "--phrase", "5")
    assert main([*asked, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    composer = Composer(CHORALE)
    position = opening(3, Controls(candidates=4))
    phrases = []
    for _ in range(5):
        phrases.append(composer.compose(position.request))
        position = position.after(phrases[-1])
    chosen = facts["candidates"][facts["chosen"] - 1]
    assert tuple(chosen["features"]) == FRAMES.feature_names
    assert [(r["name"], r["value"]) for r in chosen["rules"]] == [
        (r.name, r.value) for r in phrases[-1].verdict.rules
    ]
    half = [n for n in phrases[2].notes if n.onset < phrases[2].length // 2]
    assert facts["notes_before"] >= sum(len(p.notes) for p in phrases[:4])
    assert facts["notes_before"] <= sum(len(p.notes) for p in phrases[:4]) + len(half)
    assert main([*asked]) == 0
    blocks = capsys.readouterr().out.strip().split("\n\n")
    assert "ntropies in bits" not in blocks[0]
    body = [line.split() for line in blocks[1].splitlines()[1:]]
    assert [words[0] for words in body[:8]] == list(FRAMES.feature_names)
    assert {words[0] for words in body[8:]} <= {"pass", "FAIL"}
