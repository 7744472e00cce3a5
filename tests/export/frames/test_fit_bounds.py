"""Bounds that a voice can keep to."""

import shutil
from pathlib import Path

from export.frames import fit_bounds
from stream.compose.composer import Composer
from stream.music.verdict import Rule
from stream.voices.spec import StyleSpec, load_bytes, read_spec, replace_spec

TINY = Path(__file__).parents[2] / "data" / "tiny_piano.onnx"
STYLE = StyleSpec(
    (), (), {"8x24": 1.0}, {"major": 1.0}, {"density": (3.0, 4.0), "activity": (0, 1)}
)


def broken(name, low, high):
    """A hundred candidates with the values 0.1, 0.2 ... 10."""
    return [Rule(name, (i + 1) / 10, low, high) for i in range(100)]


def test_bounds_are_moved_to_the_voice_and_never_closer():
    found = [*broken("density", 3.0, 4.0), *broken("activity", 0.0, 9.0)]
    style, moved = fit_bounds.widened(STYLE, found)
    assert style.bounds == {"density": (2.08, 8.02), "activity": (0, 1)}
    assert moved == {"density": 0.89}


def test_an_end_that_the_voice_never_holds_is_not_asked_for():
    found = [Rule("last_chord", 1.0, 2.0, 32.0)] * 9 + [Rule("last_chord", 4.0, 2.0, 32.0)]
    style, moved = fit_bounds.widened(STYLE, found)
    assert (style.last_note, style.bounds) == (min(STYLE.last_note, 1.0), STYLE.bounds)
    assert moved == {"last_chord": 0.9}


def test_rules_that_are_no_bounds_of_a_style_stay():
    style, _ = fit_bounds.widened(STYLE, broken("heard_again", 0.0, 0.1))
    assert style == STYLE


def test_a_voice_is_described_anew(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fit_bounds, "PHRASES", 2)
    monkeypatch.setattr(fit_bounds, "SEEDS", 1)
    voice = tmp_path / "voice.onnx"
    shutil.copy(TINY, voice)
    spec = read_spec(voice)
    assert fit_bounds.main([str(voice)]) == 0
    after = read_spec(voice)
    told = capsys.readouterr().out
    assert set(after.quality) - set(spec.quality) <= {
        f"refused_before:{name}:{rule}" for name in spec.styles
        for rule in (*after.styles[name].bounds, fit_bounds.CLOSING, "heard_again", "silence")
    }  # fmt: skip
    assert all(name in told for name in set(after.quality) - set(spec.quality))
    assert Composer(voice).spec == after
    # Nothing but the description is another.
    assert replace_spec(load_bytes(voice), spec) == replace_spec(TINY.read_bytes(), spec)


def test_a_file_that_is_no_voice_is_named(tmp_path, capsys):
    path = tmp_path / "no.onnx"
    assert fit_bounds.main([str(path)]) == 2
    assert str(path) in capsys.readouterr().err
