from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from export.corpus.dataset import epoch, segments, split_of, tag_vector, transposed
from export.models import bar_memory, motif
from export.models.melody_config import BARS, MODES
from stream.compose.melody.outline import parsed
from stream.compose.melody.outline_context import FORM as FORM_WIDTH
from stream.compose.melody.outline_context import OutlineContext
from stream.compose.melody.vocabulary import (
    PERIOD,
    REST,
    REST_OCTAVE,
    START,
    TWELFTHS,
    decode_pitch,
)
from stream.compose.tunes.tune import Melody

STYLES = ("folk", "jazz")


def melody(events, **fields):
    """A melody of so many events, a note first and a rest now and then."""
    rng = np.random.default_rng(fields.pop("seed", events))
    tokens = rng.integers((0, 2, 0), (12, 5, 11), (events, 3)).astype(np.uint8)
    tokens[1:][rng.random(events - 1) < 0.2, :2] = REST, REST_OCTAVE
    given = {
        "title": "t", "style": "folk", "group": 1, "unit": 24, "bar": 8, "mode": "major",
        "split": "",
    }  # fmt: skip
    return Melody(tokens, **(given | fields))


def batches(melodies, rows=3, length=8, **options):
    rng = np.random.default_rng(options.pop("seed", 1))
    return list(epoch(melodies, STYLES, rows=rows, length=length, rng=rng, **options))


def tunes_of(found):
    """The events of each row, cut where an event follows START."""
    tunes = []
    for row in range(found[0].mask.shape[1]):
        for batch in found:
            played = batch.mask[:, row]
            pairs = zip(
                batch.tokens[played, row].tolist(),
                batch.previous[played, row, :3].tolist(),
                strict=True,
            )
            for event, before in pairs:
                if before == list(START):
                    tunes.append([])
                else:
                    assert tunes[-1][-1] == before
                tunes[-1].append(event)
    return tunes


def counted(tunes):
    return Counter(tuple(map(tuple, tune)) for tune in tunes)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=12),
    st.integers(1, 5),
    st.integers(1, 16),
    st.integers(0, 3),
)
def test_an_epoch_plays_every_event_exactly_once(sizes, rows, length, seed):
    melodies = [melody(size, seed=i, style=STYLES[i % 2]) for i, size in enumerate(sizes)]
    found = batches(melodies, rows, length, seed=seed)
    assert counted(tunes_of(found)) == counted(m.tokens.tolist() for m in melodies)
    assert all(batch.tokens.shape == (length, rows, 3) for batch in found)


def test_padding_is_silent():
    for batch in batches([melody(21), melody(4)]):
        assert not batch.tokens[~batch.mask].any()
        assert not batch.previous[~batch.mask].any()
        assert not batch.position[~batch.mask].any()
        # A row is padded at its end only.
        assert torch.equal(batch.mask, batch.mask.cummin(0).values)


def test_state_is_carried_within_a_tune_and_forgotten_before_half_of_them():
    openings, cold = 0, 0
    for batch in batches([melody(20, seed=i) for i in range(400)], rows=8, length=8):
        opens = (batch.previous[0, :, :3] == torch.tensor(START)).all(-1) & batch.mask[0]
        assert not (batch.cold & ~opens).any()
        openings += int(opens.sum())
        cold += int(batch.cold.sum())
    assert openings == 400
    assert 150 < cold < 250


def test_the_same_seed_gives_the_same_epoch_and_another_one_another():
    melodies = [melody(12, seed=i) for i in range(20)]
    first, same, other = (batches(melodies, seed=seed) for seed in (1, 1, 2))
    for a, b in zip(first, same, strict=True):
        assert all(torch.equal(getattr(a, name), getattr(b, name)) for name in a.__slots__)
    assert any(not torch.equal(a.tokens, b.tokens) for a, b in zip(first, other, strict=True))


def rhythm(tokens):
    """The properties that a tune keeps in another key."""
    return tuple(duration for *_, duration in tokens)


@pytest.mark.parametrize(("balance", "visits"), [(1.0, {4}), (0.5, range(12, 17)), (0.0, {40})])
def test_balance_visits_rare_styles_more_often(balance, visits):
    folk = [melody(10, seed=i) for i in range(40)]
    jazz = [melody(10, seed=100 + i, style="jazz") for i in range(4)]
    tunes = tunes_of(batches(folk + jazz, balance=balance))
    played = Counter(map(rhythm, tunes))
    assert [played[rhythm(m.tokens.tolist())] for m in folk] == [1] * 40
    often = [played[rhythm(m.tokens.tolist())] for m in jazz]
    assert sum(often) in visits
    assert max(often) - min(often) <= 1
    # The first time a tune sounds in its own key.
    assert counted(tunes) & counted(m.tokens.tolist() for m in folk + jazz) >= counted(
        m.tokens.tolist() for m in folk + jazz
    )


@given(st.integers(1, 30), st.integers(-12, 12))
def test_another_key_keeps_rests_durations_and_intervals(events, semitones):
    given = melody(events)
    moved = transposed(given, semitones)
    pairs = zip(given.tokens.tolist(), moved.tokens.tolist(), strict=True)
    for (before_class, before_octave, before), (after_class, after_octave, after) in pairs:
        assert before == after
        if before_class == REST:
            assert (after_class, after_octave) == (REST, REST_OCTAVE)
        else:
            shift = decode_pitch(after_class, after_octave) - decode_pitch(
                before_class, before_octave
            )
            assert shift == semitones


@given(st.integers(2, 60), st.integers(-5, 6))
def test_the_hint_of_a_tune_in_another_key_is_the_hint_in_that_key(events, semitones):
    pattern = melody(events)
    whole = dataclasses.replace(pattern, tokens=np.vstack([pattern.tokens] * 2))
    ours, moved = (
        np.concatenate([s.previous[:, 3:7] for s in segments(m, STYLES, 16)])
        for m in (whole, transposed(whole, semitones))
    )
    hinted = ours[:, 3] > 0
    assert hinted[events + 1 :].all()
    assert np.array_equal(ours[:, 3], moved[:, 3])
    assert np.array_equal(ours[~hinted], moved[~hinted])
    hints = dataclasses.replace(whole, tokens=ours[hinted, :3].astype(np.uint8))
    # A part of the tune may have room for a shift that the whole tune has not.
    if transposed(whole, semitones) is not whole:
        hints = transposed(hints, semitones)
    assert np.array_equal(hints.tokens, moved[hinted, :3])


def test_what_would_leave_the_vocabulary_stays_in_its_key():
    low = Melody(np.array([[0, 0, 5], [0, 3, 5]], np.uint8), "t", "folk", 1, 24, 8, "", "")
    high = Melody(np.array([[11, 6, 5], [0, 3, 5]], np.uint8), "t", "folk", 1, 24, 8, "", "")
    assert transposed(low, -1) is low
    assert transposed(high, 1) is high
    assert transposed(low, 1).tokens.tolist() == [[1, 0, 5], [1, 3, 5]]
    assert transposed(high, -1).tokens.tolist() == [[10, 6, 5], [11, 2, 5]]


def test_dropped_tags_are_dropped_for_the_whole_tune():
    melodies = [melody(24, seed=i) for i in range(200)]
    assert all(not batch.tags.any() for batch in batches(melodies, tag_dropout=1.0))
    blank = 0
    for batch in batches(melodies, rows=1, length=8, tag_dropout=0.5):
        if (batch.previous[0, 0, :3] == torch.tensor(START)).all():
            tags = batch.tags
            blank += not tags.any()
        assert torch.equal(batch.tags, tags)
    assert 70 < blank < 130


def test_segments_are_nearly_equal_and_know_where_they_are():
    whole = melody(21)
    parts = segments(whole, STYLES, 8)
    assert [len(part.tokens) for part in parts] == [7, 7, 7]
    assert [part.opening for part in parts] == [True, False, False]
    assert np.array_equal(np.concatenate([p.tokens for p in parts]), whole.tokens)
    previous = np.concatenate([p.previous for p in parts])
    assert previous.shape == (21, 43)
    assert previous[0].tolist() == [*START, *START, 0, *bar_memory.NOTHING * 6]
    assert np.array_equal(previous[1:, :3], whole.tokens[:-1])
    assert np.array_equal(previous[:, 3:7], motif.hints(whole.tokens.astype(np.int64), motif.REACH))
    lengths = [TWELFTHS[duration] for duration in whole.tokens[:, 2]]
    assert np.concatenate([p.position for p in parts]).tolist() == [
        sum(lengths[:i]) for i in range(21)
    ]


def test_positions_come_round():
    long = Melody(np.array([[0, 3, 10]] * 200, np.uint8), "t", "folk", 1, 24, 8, "", "")
    position = np.concatenate([p.position for p in segments(long, STYLES, 64)])
    assert position.tolist() == [48 * i % PERIOD for i in range(200)]


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ["folk", 8, "major"]),
        ({"style": "jazz", "bar": 6, "mode": "minor"}, ["jazz", 6, "minor"]),
        ({"bar": 0, "mode": ""}, ["folk"]),
        ({"bar": 7}, ["folk", "major"]),
    ],
)
def test_tags(fields, names):
    tags = tag_vector(melody(3, **fields), STYLES)
    everything = [*STYLES, *BARS, *MODES]
    assert [name for name, weight in zip(everything, tags, strict=True) if weight] == names
    assert set(tags.tolist()) <= {0.0, 1.0}


def test_a_batch_moves_as_a_whole():
    (batch,) = batches([melody(3)])
    moved = batch.to(torch.device("cpu"))
    assert all(torch.equal(getattr(batch, n), getattr(moved, n)) for n in batch.__slots__)


@given(st.integers())
def test_variants_of_a_tune_share_a_split(group):
    variants = [
        melody(3, group=group),
        melody(9, group=group, style="jazz", title="another", unit=12, mode="minor"),
    ]
    assert split_of(variants[0]) == split_of(variants[1])


def test_splits_are_eight_to_one_to_one_unless_the_corpus_prescribes_them():
    count = Counter(split_of(melody(1, group=group)) for group in range(5000))
    assert {name: round(n / 500) for name, n in count.items()} == {
        "train": 8, "valid": 1, "test": 1,
    }  # fmt: skip
    assert {split_of(melody(1, group=g, split="valid")) for g in range(50)} == {"valid"}


FORM = "8x24;major;jig;2;0;0;16;.8 =8*8;8888888888888888;5555555555555555;1:128"


def outlined(seed=0, **fields):
    """A tune of sixteen bars of eighths with an outline, the second half as the first."""
    rng = np.random.default_rng(seed)
    half = np.column_stack([rng.integers(0, 12, 64), rng.integers(2, 5, 64), np.full(64, 5)])
    given = {"outline": parsed(FORM), "kind": "jig"} | fields
    return dataclasses.replace(
        melody(128), tokens=np.vstack([half, half]).astype(np.uint8), **given
    )


def test_an_outline_gives_each_event_its_context_and_its_hints():
    tune = outlined()
    (part,) = segments(tune, STYLES, 128, ("jig", "reel"))
    assert part.alone
    assert part.tags[-2:].tolist() == [1, 0]
    onsets = 12 * np.arange(128)
    context = OutlineContext(tune.outline).of(onsets, np.ones(128, bool))
    np.testing.assert_array_equal(part.context, context)
    hints = part.previous[:, 7:].reshape(128, 6, 6)
    # Eight bars back by the memory, and by the outline, which points there.
    assert (hints[:64, 3:5] == bar_memory.NOTHING).all()
    for column in (3, 4):
        assert np.array_equal(hints[64:, column, :3], tune.tokens[:64])
        assert (hints[64:, column, 3:5] == [1, 12]).all()
        assert hints[64:, column, 5].tolist() == [0, 1, 2, 3, *[4] * 60]
    # In the bar before one that returns, the head of the bar that it returns to.
    assert (hints[:56, 5] == bar_memory.NOTHING).all()
    for bar in range(7, 15):
        assert (hints[8 * bar : 8 * bar + 8, 5, :3] == tune.tokens[8 * (bar - 7)]).all()
    assert (hints[120:, 5] == bar_memory.NOTHING).all()
    # Without an outline there are neither.
    (plain,) = segments(dataclasses.replace(tune, outline=None), STYLES, 128)
    assert not plain.context.any()
    assert (plain.previous[:, 7:].reshape(128, 6, 6) == bar_memory.NOTHING).all()


def test_a_bar_without_a_tag_has_only_the_hint_that_is_ahead_as_in_the_step():
    tune = outlined(bar=5, outline=dataclasses.replace(parsed(FORM), bar=5))
    (part,) = segments(tune, STYLES, 128)
    hints = part.previous[:, 7:].reshape(128, 6, 6)
    assert (hints[:, :5] == bar_memory.NOTHING).all()
    assert (hints[:, 5] != bar_memory.NOTHING).any()


def test_a_tune_with_an_outline_stands_alone_in_its_key():
    tunes = [outlined(seed, style=STYLES[seed % 2]) for seed in range(6)]
    assert transposed(tunes[0], 2) is tunes[0]
    found = batches(tunes * 3, length=64, balance=0.0)
    for batch in found:
        opens = (batch.previous[0, :, :3] == torch.tensor(START)).all(-1) & batch.mask[0]
        assert torch.equal(batch.cold & opens, opens)
    assert set(counted(tunes_of(found))) == set(counted(m.tokens.tolist() for m in tunes))


def test_a_tune_may_be_learned_without_its_outline():
    (one, two) = batches([outlined()], rows=1, length=64, tag_dropout=1.0)
    for batch in (one, two):
        assert not batch.context[..., :FORM_WIDTH].any()
        assert not batch.context[..., -1].any()
        # The chords, the tags and the memory of bars stay.
        assert batch.context[..., FORM_WIDTH:-1].any()
        assert batch.tags.any()
        assert (batch.previous[..., -12:] == torch.tensor(bar_memory.NOTHING * 2)).all()
    assert (two.previous[..., -18:-12] != torch.tensor(bar_memory.NOTHING)).any()
    (kept, _) = batches([outlined()], rows=1, length=64)
    assert kept.context[..., 1].all()
