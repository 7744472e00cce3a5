"""Real tunes in the form of a voice."""

import pytest

from benchmarks.music.corpora import as_learned, as_played, tags_of
from export.models.melody_config import BARS
from stream.compose.melody.sampler import decode_pitches
from stream.voices.spec import read_spec
from tests.benchmarks.music.tunes import OUTLINED, TINY

FIRST = "D2FA d2fd|B2GB e2dB|A2FA d2fd|e2ce d2A2|"
SECOND = "f2df a2fd|g2eg b2ge|f2df a2fd|e2ce d2A2|"
TUNE = f"X:1\nT:a reel\nR:reel\nM:4/4\nL:1/8\nK:D\n{4 * FIRST}\n{4 * SECOND}\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tune.abc").write_text(TUNE, encoding="utf-8")
    return f"even={tmp_path}"


def test_a_voice_that_remembers_bars_reads_tunes_in_c_and_each_strain_once(folder):
    spec = read_spec(OUTLINED)
    (tune,) = as_played([folder], spec)
    assert set(decode_pitches(tune.tokens.astype(int)).tolist()) <= {
        p for p in range(128) if p % 12 in {0, 2, 4, 5, 7, 9, 11}
    }
    (learned,) = as_learned([tune], spec)
    assert 2 * len(learned.tokens) == len(tune.tokens)
    assert learned.outline.strains == (0, 0, 1, 1)


def test_any_other_voice_reads_tunes_as_they_are_played(folder):
    spec = read_spec(TINY)
    (tune,) = as_played([folder], spec)
    assert {p % 12 for p in decode_pitches(tune.tokens.astype(int)).tolist()} >= {1, 6}
    assert as_learned([tune], spec) == [tune]


def test_tags_are_found_by_their_sort():
    spec = read_spec(OUTLINED)
    assert tags_of(spec, "style") == ["even", "odd"]
    assert tags_of(spec, "kind") == ["air", "jig", "reel"]
    assert tags_of(spec, "bar") == [str(bar) for bar in BARS]
