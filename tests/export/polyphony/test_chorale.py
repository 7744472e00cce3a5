"""The chorale model and all that is made of it: batches, likelihoods, step, training."""

import json

import numpy as np
import pytest
import torch

from export.checkpoint import load_chorale_model
from export.corpus.satb import SPLITS
from export.models.polyphony.chorale import Chorale, ChoraleConfig
from export.models.polyphony.chorale_past import LONGEST, START, Past
from export.polyphony import train_chorale
from export.polyphony.chorale_nats import measured
from export.polyphony.chorale_step import ChoraleStep
from export.polyphony.chorales import Corpus, chunked, score_of, untagged
from export.polyphony.step import PERIOD, small
from stream.errors import SettingsError

SIZES = {"hidden": 12, "depth": 1, "part_width": 8}


def chorale(i, frames):
    """Chords of four sixteenths, and a passing note in the alto."""
    rng = np.random.default_rng(i)
    made = np.repeat(rng.integers((40, 33, 28, 15), (48, 40, 34, 24), (-(-frames // 4), 4)), 4, 0)
    made = made[:frames]
    made[2::8, 1] += 1
    if i % 3 == 0:
        made[:2, 2] = 0
    return made


@pytest.fixture(scope="module")
def chorales():
    return [chorale(i, 20 + 7 * i) for i in range(6)]


@pytest.fixture(params=["SBTA", "BATS"])
def model(request):
    torch.manual_seed(3)
    model = Chorale(ChoraleConfig(**SIZES, order=request.param)).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2)
    return model


def played(step, frames, tags):
    """Log-probability of each frame [T] by forcing it, and the states along the way."""
    inputs = list(step.shape.first(1))
    kept = len(step.shape.heads) + len(step.shape.states) + 1
    given, log_prob, states = [], [], []
    for frame, tag in zip(frames, tags, strict=True):
        inputs[step.shape.inputs.index("style")] = torch.from_numpy(tag)[None]
        inputs[-4:] = list(torch.from_numpy(frame)[:, None])
        out = step(*inputs)
        given.append([int(t) for t in out[:4]])
        log_prob.append(float(out[-2]))
        states.append(out[4:-2])
        inputs[:kept] = out[:kept]
    return given, np.array(log_prob), states


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


def test_likelihoods_do_not_depend_on_how_chorales_are_cut(model, chorales):
    scores = [score_of(c) for c in chorales]
    whole = measured(model, scores)
    alone = [measured(model, [s]) for s in scores]
    weighted = sum(np.array(n.parts) * n.frames for n in alone) / whole.frames
    np.testing.assert_allclose(whole.parts, weighted, atol=1e-4)
    assert whole.frames == sum(map(len, chorales))
    assert whole.frame == pytest.approx(4 * whole.token)


def test_parts_of_a_frame_see_only_those_chosen_before_them(model, chorales):
    score = score_of(chorales[1])
    order = model.config.parts
    (batch,) = chunked([score], 1, 64)
    inputs = (batch.past, batch.tags, batch.mask, model.initial(1))
    before, _ = model.nats(batch.frames, *inputs)
    for i, part in enumerate(order):
        other = batch.frames.clone()
        other[..., part] += 1
        after, _ = model.nats(other, *inputs)
        same = [bool((before[..., p] == after[..., p]).all()) for p in order]
        assert same == [True] * i + [False] * (4 - i)


def test_probabilities_of_the_last_part_add_up_to_that_of_the_others(model, chorales):
    step, frame = ChoraleStep(model).eval(), chorales[0][:1]
    inputs = list(step.shape.first(64))
    inputs[-4:] = [torch.full((64,), int(c)) for c in frame[0]]
    last = model.config.parts[-1]
    inputs[-4 + last] = torch.arange(64)
    with torch.no_grad():
        every = step(*inputs)[-2]
    parts = measured(model, [untagged(score_of(frame))]).parts
    others = [nats for part, nats in enumerate(parts) if part != last]
    assert float(torch.logsumexp(every, 0)) == pytest.approx(-sum(others), abs=1e-5)


def test_the_step_is_what_was_trained(model, chorales):
    step = ChoraleStep(model).eval()
    for i, frames in enumerate(chorales):
        score = score_of(frames)
        with torch.no_grad():
            given, log_prob, states = played(step, frames, score.tags)
        assert given == frames.tolist()
        expected = measured(model, [score])
        assert -log_prob.mean() == pytest.approx(expected.frame, abs=1e-4)
        assert int(states[-1][-1]) == len(frames), i


def test_a_start_token_forgets_everything(model, chorales):
    step = ChoraleStep(model).eval()
    score = score_of(chorales[0])
    with torch.no_grad():
        _, fresh, states = played(step, chorales[0], score.tags)
        inputs = list(step.shape.first(1))
        inputs[4:7] = states[-1]
        inputs[6] = torch.tensor([PERIOD - 1])
        inputs[step.shape.inputs.index("style")] = torch.from_numpy(score.tags[:1])
        inputs[-4:] = list(torch.from_numpy(chorales[0][0])[:, None])
        out = step(*inputs)
    assert float(out[-2]) == pytest.approx(fresh[0], abs=1e-6)
    assert out[6].tolist() == [1]


def test_int8_tables_stay_near(model, chorales):
    step = ChoraleStep(model).eval()
    tags = score_of(chorales[2]).tags
    with torch.no_grad():
        exact, lean = (played(s, chorales[2], tags)[1] for s in (step, small(step)))
    assert 0 < np.abs(exact - lean).max() < 0.3


def test_a_chorale_is_learnt_in_keys_that_suit_it():
    low, high = np.full((4, 4), 30), np.full((9, 4), 32)
    corpus, rng = Corpus([low, high], 5), np.random.default_rng(0)
    drawn = [score for _ in range(40) for score in corpus.drawn(rng)]
    found = {(len(s), int(s.frames[0, 0])) for s in drawn}
    assert found == {(4, 30), (4, 31), (4, 32), (9, 30), (9, 31), (9, 32)}
    assert all((s.frames == s.frames[0, 0]).all() for s in drawn)
    assert all(s.pitch[1:].tolist() == s.frames[:-1].tolist() for s in drawn)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("hidden", 0, "--hidden 0: must be 1 or more"),
        ("dropout", 1.0, "--dropout 1.0: must be at least 0, below 1"),
        ("cell", "gru", "--cell gru: is none of lstm, mingru"),
        ("order", "SATT", "--order SATT: must name S, A, T and B once each"),
    ],
)
def test_sizes_that_can_not_be_are_refused(field, value, message):
    with pytest.raises(SettingsError) as caught:
        ChoraleConfig(**{field: value})
    assert str(caught.value) == message


@pytest.fixture
def archive(tmp_path, chorales):
    arrays = {}
    for split, part in zip(SPLITS, (chorales[:4], chorales[4:5], chorales[5:]), strict=True):
        score = np.concatenate(part)
        arrays[f"{split}_satb"] = np.where(score == 0, -1, score + 27).astype(np.int8)
        arrays[f"{split}_lengths"] = np.array([len(c) for c in part])
    np.savez(tmp_path / "satb.npz", **arrays)
    return tmp_path / "satb.npz"


def train(archive, out, *more):
    sizes = [f"--{k.replace('_', '-')}={v}" for k, v in SIZES.items()]
    return train_chorale.main(
        [f"--satb={archive}", f"--out={out}", "--rows=4", "--length=16", *sizes, *more]
    )


def test_training_resumes_where_it_was_left(archive, tmp_path, capsys):
    assert train(archive, tmp_path / "whole", "--epochs=3") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2, 3]
    assert lines[-1]["valid_nats"] < lines[0]["valid_nats"]
    assert train(archive, tmp_path / "halves", "--epochs=3", "--minutes=1e-9") == 0
    assert train(archive, tmp_path / "halves", "--epochs=3", "--resume") == 0
    rest = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["valid_nats"] for line in rest] == [line["valid_nats"] for line in lines]
    family, model, progress = load_chorale_model(tmp_path / "whole" / "best.npz")
    assert (family, progress["epochs"]) == ("chorale", 3)
    assert model.config == ChoraleConfig(**SIZES)


def test_mistakes_end_with_one_line(archive, tmp_path, capsys):
    assert train(tmp_path / "none.npz", tmp_path / "a") == 2
    assert train(archive, tmp_path / "a", "--epochs=0") == 2
    assert train(archive, tmp_path / "a", "--epochs=1") == 0
    assert train(archive, tmp_path / "a", "--epochs=2", "--resume", "--order=BASS") == 2
    assert train(archive, tmp_path / "a", "--epochs=2", "--resume", "--order=BATS") == 2
    errors = capsys.readouterr().err.splitlines()
    assert [e.startswith("error: ") for e in errors] == [True] * 4
