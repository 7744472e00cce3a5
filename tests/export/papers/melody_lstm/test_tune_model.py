import numpy as np
import pytest
import torch

from export.papers.melody_lstm import tune_measures
from export.papers.melody_lstm.chords import CHORDS
from export.papers.melody_lstm.segments import PITCHES, WINDOW, Lead
from export.papers.melody_lstm.tune_batches import (
    PADDED,
    batches,
    chunks,
    inputs_of,
    moved,
    score_of,
    targets_of,
    without_chords,
)
from export.papers.melody_lstm.tune_model import TuneConfig, TuneModel
from export.papers.melody_lstm.tune_train import TunePlan, losses, train

CONFIG = TuneConfig(hidden=8, embedding=4, place=2, chord_hidden=8)


@pytest.fixture
def leads(wandering):
    """Tunes of 80 segments and fewer, with chords that hang on the pitch."""

    def made(count):
        rows = [row[: len(row) - 5 * i] for i, row in enumerate(wandering(count))]
        return [Lead(row, 1 + row // 4, 1, i, "") for i, row in enumerate(rows)]

    return made


@pytest.mark.parametrize("config", [CONFIG, TuneConfig(8, 4, place=0, recall=0, chord_hidden=8)])
def test_chunks_equal_the_whole_and_the_future_is_not_used(config, leads):
    torch.manual_seed(1)
    model = TuneModel(config).eval()
    scores = [score_of(lead) for lead in leads(2)]
    inputs, state = inputs_of(scores), model.initial(2)
    context, _ = model.listen(inputs, state)
    whole = model.melody_logits(context, inputs), model.chord_logits(context, inputs)
    parts = []
    for part in chunks(inputs, 30):
        context, state = model.listen(part, state)
        parts.append((model.melody_logits(context, part), model.chord_logits(context, part)))
    for one, found in zip(whole, zip(*parts, strict=True), strict=True):
        torch.testing.assert_close(one, torch.cat(found))

    at = 50
    other = leads(2)
    other[0].pitch[at], other[0].chord[at] = 1, 144
    inputs = inputs_of([score_of(lead) for lead in other])
    context, _ = model.listen(inputs, model.initial(2))
    torch.testing.assert_close(model.melody_logits(context, inputs)[: at + 1], whole[0][: at + 1])
    torch.testing.assert_close(model.chord_logits(context, inputs)[:at], whole[1][:at])
    assert not torch.equal(model.melody_logits(context, inputs)[at + 1, 0], whole[0][at + 1, 0])


@pytest.mark.parametrize("semitones", [-3, 5])
def test_another_key_is_recalled_alike(semitones, leads):
    (lead,) = leads(1)
    pitch = np.where(lead.pitch, lead.pitch + semitones, 0)
    quality, root = np.divmod(lead.chord - 1, 12)
    chord = np.where(lead.chord, 1 + 12 * quality + (root + semitones) % 12, 0)
    expected, found = (
        score_of(Lead(pitch, chord, 1, 0, "")), moved(score_of(lead), semitones)
    )  # fmt: skip
    for name in ("pitch", "chord", "votes", "chord_votes"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert moved(found, 40) is found


def test_padding_has_no_target(leads):
    scores = [score_of(lead) for lead in leads(3)]
    wanted = targets_of(scores)
    assert wanted.shape == (80, 3, 2)
    assert (wanted[..., 0] != PADDED).sum(0).tolist() == list(map(len, scores))
    every = [s for batch in batches(scores, 2, np.random.default_rng(1)) for s in batch]
    assert {id(s) for s in every} == {id(s) for s in scores}
    model = TuneModel(CONFIG).eval()
    both, _ = losses(model, inputs_of(scores), wanted, model.initial(3))
    apart = [losses(model, inputs_of([s]), targets_of([s]), model.initial(1))[0] for s in scores]
    sizes = torch.tensor([[float(len(s))] for s in scores])
    torch.testing.assert_close(both, (torch.stack(apart) * sizes).sum(0) / sizes.sum())


def test_chords_can_be_hidden_from_some_tunes(leads):
    scores = [score_of(lead) for lead in leads(2)]
    inputs = inputs_of(scores)
    found = without_chords(inputs, torch.tensor([True, False]))
    assert (found.chord_before[:, 0] == CHORDS).all()
    assert not found.chord_votes[:, 0].any()
    torch.testing.assert_close(found.chord_before[:, 1], inputs.chord_before[:, 1])
    torch.testing.assert_close(found.chord_votes[:, 1], inputs.chord_votes[:, 1])
    assert found.chord_votes[:, 1].any()
    for name in ("before", "place", "votes", "pitch"):
        assert getattr(found, name) is getattr(inputs, name)


def test_training_learns_a_repeating_tune(leads):
    tunes, heard = leads(5), []
    scores = [score_of(lead) for lead in tunes]
    plan = TunePlan(CONFIG, epochs=6, rows=3, length=40, rate=0.02, average=0.5, transpose=0)
    model = train(plan, scores, lambda epoch, nats: heard.append(nats))
    assert heard[-1] < 0.8 * heard[0]
    melody, chord = tune_measures.measured(model, scores)
    assert melody.count == chord.count == sum(len(s) - WINDOW for s in scores)
    assert melody.one_step_accuracy > 0.5
    assert melody.log_loss < np.log(PITCHES)
    assert chord.log_loss < np.log(CHORDS)


def test_a_free_run_feeds_back_its_own_segments(leads):
    torch.manual_seed(2)
    model, tunes = TuneModel(CONFIG).eval(), leads(3)
    starts = np.stack([lead.pitch[:64] for lead in tunes])
    meters = np.ones(3, np.int64)
    runs = [
        tune_measures.free_run_match(model, starts, meters, rng)
        for rng in (None, np.random.default_rng(1), np.random.default_rng(1))
    ]
    assert runs[1] == runs[2]
    assert all(0 <= run <= 1 for run in runs)
    scores = [score_of(lead) for lead in tunes]
    own = tune_measures.harmonize(model, scores)
    assert list(map(len, own)) == list(map(len, scores))
    # The tune's chords are not looked at.
    silent = [score_of(Lead(t.pitch, 0 * t.chord, t.meter, 0, "")) for t in tunes]
    for one, other in zip(own, tune_measures.harmonize(model, silent), strict=True):
        np.testing.assert_array_equal(one, other)
    match = np.concatenate([(c == t.chord)[WINDOW:] for c, t in zip(own, tunes, strict=True)])
    assert tune_measures.harmony_match(model, scores) == pytest.approx(match.mean())
