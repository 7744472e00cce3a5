"""The corpora in the form that a model reads."""

import numpy as np
import pytest

from export.melody import corpora
from export.models.melody_config import MelodyConfig
from stream.compose.melody import outline_context
from stream.compose.melody.vocabulary import REST
from stream.compose.tunes.dances import KINDS


@pytest.mark.parametrize("history", ["event", "motif"])
def test_the_models_of_the_paper_read_tunes_as_they_are_played(archive, melodies, history):
    found, _ = corpora.load([f"even={archive}"], history)
    assert [m.tokens.tolist() for m in found] == [m.tokens.tolist() for m in melodies]
    config = corpora.config(("even",), history)
    assert config == MelodyConfig(("even",))
    assert corpora.as_learned(found, config) == found


def test_a_model_that_remembers_bars_reads_tunes_in_c_strain_by_strain(archive, melodies):
    found, reports = corpora.load([f"even={archive}"], "bars")
    assert [r.style for r in reports] == ["even"]
    config = corpora.config(("even",), "bars")
    assert (config.kinds, config.context, config.history) == (KINDS, outline_context.WIDTH, "bars")
    learned = corpora.as_learned(found, config)
    assert all(m.outline is not None and m.outline.key == m.key for m in learned)
    # What is written is part of what is played.
    assert all(len(m.tokens) <= len(n.tokens) for m, n in zip(learned, found, strict=True))
    by_title = {m.title: m for m in melodies}
    for melody in found:
        notes = melody.tokens[melody.tokens[:, 0] != REST].astype(np.int64)
        plain = by_title[melody.title].tokens
        played = plain[plain[:, 0] != REST].astype(np.int64)
        moved = (notes[:, 0] - played[:, 0]) % 12
        assert (moved == moved[0]).all()
