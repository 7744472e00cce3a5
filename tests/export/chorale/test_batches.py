"""Chorales as they are learnt: what is known before a frame, batches, keys."""

import numpy as np
import torch

from export.chorale.batches import Corpus, chunked, score_of, untagged
from export.models.polyphony.chorale_past import LONGEST, START, Past


def test_what_is_known_before_a_frame():
    frames = np.array([[45, 40, 37, 21], [45, 40, 37, 21], [47, 40, 0, 21], [47, 40, 0, 23]])
    score = score_of(frames)
    assert score.pitch.tolist() == [[START] * 4, *frames[:-1].tolist()]
    assert score.held.tolist() == [[0] * 4, [1] * 4, [2] * 4, [1, 3, 1, 3]]
    before = [[START] * 4] * 3 + [[45, START, 37, START]]
    assert score.before.tolist() == before
    past = Past(*(torch.from_numpy(x) for x in (score.pitch, score.held, score.before)),
                torch.arange(4))  # fmt: skip
    after = past.after(torch.from_numpy(frames))
    for name in ("pitch", "held", "before"):
        assert getattr(after, name)[:-1].tolist() == getattr(score, name)[1:].tolist()


def test_a_pitch_is_counted_as_held_up_to_a_limit():
    assert score_of(np.full((40, 4), 30)).held[-1].tolist() == [LONGEST] * 4


def test_the_closing_tag_rises_to_the_end():
    tags = score_of(np.full((70, 4), 30)).tags
    assert tags[:, 2].tolist() == [0.0] * 6 + [k / 64 for k in range(64)]
    assert not untagged(score_of(np.full((70, 4), 30))).tags.any()


def test_batches_hold_every_frame_once_and_carry_on(chorales):
    scores = [score_of(c) for c in chorales]
    lanes = [[], [], []]
    for batch in chunked(scores, rows=3, length=16):
        for row, lane in enumerate(lanes):
            frames = batch.frames[batch.mask[:, row], row]
            if batch.cold[row]:
                lane.append([])
            if len(frames):
                lane[-1] += frames.tolist()
    found = sorted(piece for lane in lanes for piece in lane if piece)
    assert found == sorted(c.tolist() for c in chorales)


def test_a_chorale_is_learnt_in_keys_that_suit_it():
    low, high = np.full((4, 4), 30), np.full((9, 4), 32)
    corpus, rng = Corpus([low, high], 5), np.random.default_rng(0)
    drawn = [score for _ in range(40) for score in corpus.drawn(rng)]
    found = {(len(s), int(s.frames[0, 0])) for s in drawn}
    assert found == {(4, 30), (4, 31), (4, 32), (9, 30), (9, 31), (9, 32)}
    assert all((s.frames == s.frames[0, 0]).all() for s in drawn)
    assert all(s.pitch[1:].tolist() == s.frames[:-1].tolist() for s in drawn)
