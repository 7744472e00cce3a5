import json

import numpy as np
import pytest

from export.filter import __main__ as fitting
from stream.music import ratings
from stream.music.ratings import Rating
from stream.voices.protobuf import find_property
from stream.voices.spec import KEY, SHIPPED, read_spec

VOICE = SHIPPED.parents[1] / "tests" / "data" / "tiny.onnx"


def rating(number, stars, style=""):
    """Good ones run up and down a scale, bad ones stay on two notes."""
    rng = np.random.default_rng(number)
    pitches = 60 + (np.cumsum(rng.integers(-3, 4, 96)) % 16 if stars >= 4 else np.arange(96) % 2)
    notes = tuple((int(p), int(rng.choice([6, 12, 24]))) for p in pitches)
    return Rating(f"{number}.mid", "00", stars, style, notes)


@pytest.fixture
def rated(tmp_path):
    """Keep ratings, fit the tiny voice to them; exit code and the new voice."""

    def run(*given):
        path, out = tmp_path / "ratings.jsonl", tmp_path / "mine.onnx"
        for one in given:
            ratings.append(path, one)
        return fitting.main(["fit", str(path), str(VOICE), str(out)]), out

    return run


def some(number, style=""):
    return [rating(i, 5 if i % 2 else 1 + i % 3, style) for i in range(number)]


def test_thresholds_follow_the_ratings(rated, capsys):
    code, out = rated(*some(24))
    facts = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (facts["ratings"], set(facts["styles"])) == (24, {"even", "odd"})
    assert min(f["precision"] for f in facts["styles"].values()) >= 0.9
    old, new = read_spec(VOICE), read_spec(out)
    for style in ("even", "odd"):
        assert new.styles[style].bounds != old.styles[style].bounds
        assert set(old.styles[style].bounds) <= set(new.styles[style].bounds)
    good, _ = fitting.labeled([rating(101, 5)])
    bad, _ = fitting.labeled([rating(100, 1)])
    fitted, _ = fitting.fitted(some(24))
    assert good.passing(fitted).any()
    assert not bad.passing(fitted).any()


def test_nothing_but_the_thresholds_changes(rated):
    _, out = rated(*some(24, "odd"))
    old, new = read_spec(VOICE), read_spec(out)
    document = {f: getattr(new, f) for f in ("name", "heads", "states", "tags", "credits")}
    assert document == {f: getattr(old, f) for f in document}
    before, after = old.styles["even"], new.styles["even"]
    assert (before.mean, before.spread, before.meters) == (after.mean, after.spread, after.meters)
    assert before.bounds.items() <= after.bounds.items()
    start, _ = find_property(VOICE.read_bytes(), KEY)
    assert VOICE.read_bytes()[:start] == out.read_bytes()[:start]


def test_a_rating_counts_for_its_style_alone(rated, capsys):
    code, out = rated(*some(24, "odd"))
    captured = capsys.readouterr()
    assert code == 0
    assert set(json.loads(captured.out)["styles"]) == {"odd"}
    assert captured.err == "style even: too few ratings; its thresholds stay\n"
    assert read_spec(out).styles["even"].bounds["pitch"] == (1.0, 3.2)


def test_too_few_ratings(rated, capsys):
    code, out = rated(*some(9))
    assert code == 2
    assert capsys.readouterr().err == (
        "error: 4 good ratings (4 or 5 stars) and 5 others: too few; at least 5 of each are needed "
        "for a style, or without a style: rate more files\n"
    )
    assert not out.exists()


def test_a_style_that_the_voice_lacks(rated, capsys):
    assert rated(*some(12, "polka"))[0] == 2
    assert capsys.readouterr().err == "error: style 'polka': voice tiny has only even, odd\n"


def test_damaged_lines_are_reported_and_skipped(rated, tmp_path, capsys):
    (tmp_path / "ratings.jsonl").write_text("{\n")
    code, _ = rated(*some(24))
    captured = capsys.readouterr()
    assert (code, json.loads(captured.out)["ratings"]) == (0, 24)
    assert f"{tmp_path / 'ratings.jsonl'}, line 1: invalid rating (" in captured.err


def test_without_ratings_or_voice(tmp_path, capsys):
    assert fitting.main(["fit", str(tmp_path / "no.jsonl"), str(VOICE), "x.onnx"]) == 2
    assert "no.jsonl: cannot be read" in capsys.readouterr().err
    ratings.append(tmp_path / "ratings.jsonl", rating(1, 5))
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no voice")
    assert fitting.main(["fit", str(tmp_path / "ratings.jsonl"), str(bad), "x.onnx"]) == 2
    assert "bad.onnx: damaged, or not an ONNX file" in capsys.readouterr().err


def test_excerpts_include_the_notes_before_them():
    examples, files = fitting.labeled([rating(0, 5), rating(1, 2)])
    assert files.tolist() == [0, 0, 0, 1, 1, 1]
    assert examples.good.tolist() == [True] * 3 + [False] * 3
    missing = np.isnan(examples.values).sum(1).tolist()
    # Windows of 64 and 128 notes, then of 128: for six series the least and the mean.
    assert missing[:3] == [24, 12, 12]
