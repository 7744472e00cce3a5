import numpy as np
import pytest

from export.chorale.batches import chunked, score_of
from export.chorale.likelihood import measured


def test_likelihoods_do_not_depend_on_how_chorales_are_cut(chorale_model, chorales):
    scores = [score_of(c) for c in chorales]
    whole = measured(chorale_model, scores)
    alone = [measured(chorale_model, [s]) for s in scores]
    weighted = sum(np.array(n.parts) * n.frames for n in alone) / whole.frames
    np.testing.assert_allclose(whole.parts, weighted, atol=1e-4)
    assert whole.frames == sum(map(len, chorales))
    assert whole.frame == pytest.approx(4 * whole.token)


def test_parts_of_a_frame_see_only_those_chosen_before_them(chorale_model, chorales):
    score = score_of(chorales[1])
    order = chorale_model.config.parts
    (batch,) = chunked([score], 1, 64)
    inputs = (batch.past, batch.tags, batch.mask, chorale_model.initial(1))
    before, _ = chorale_model.nats(batch.frames, *inputs)
    for i, part in enumerate(order):
        other = batch.frames.clone()
        other[..., part] += 1
        after, _ = chorale_model.nats(other, *inputs)
        same = [bool((before[..., p] == after[..., p]).all()) for p in order]
        assert same == [True] * i + [False] * (4 - i)
