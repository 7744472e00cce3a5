"""The model of lead sheets and all that is made of it: frames, batches, step, training, voice."""

import itertools
import json

import numpy as np
import pytest
import torch

from export.frames import parity
from export.lead import sheet_baselines, to_voice, train
from export.lead.lead_sheet import chord_of, read_sheets, transposed
from export.lead.sheet_batches import chunked, measured, score_of, without_tags
from export.lead.step import LeadSheetStep
from export.models.lead import past, whole
from export.models.lead.lead_sheet import TAGS, LeadSheet, LeadSheetConfig
from export.training import checkpoint
from export.training.kinds import LEAD_SHEETS
from stream.compose.composer import Composer
from stream.errors import CorpusError, SettingsError
from stream.music.note import Controls
from stream.music.stream_position import StreamPosition
from stream.voices.spec import read_spec

SIZES = {"hidden": 12, "depth": 1, "width": 8}
C, F, G7 = 1, 1 + 5, 1 + 24 + 7
MASKS = {C: 0b10010001, F: 0b1000100001, G7: 0b100010000100 | 1 << 5}
GENRES = ("Jazz", "Pop", "Folk, World, & Country")


def tune(i):
    """(notes, chords, meter, genre, late) of four bars: a walk over C, F, G7 and C."""
    three = i % 3 == 2
    bar = 144 if three else 192
    walk = (60, 64, 67, 65, 69, 65, 67, 65, 62, 64, 60)
    notes = [(48 * k, 36, walk[(k + i) % len(walk)]) for k in range(4 * bar // 48)]
    chords = [(bar * k, chord) for k, chord in enumerate((C, F, G7, C))]
    late = 48 if i == 1 else 0
    notes = [(o - late, d, p) for o, d, p in notes if o >= late]
    chords = [(max(o - late, 0), c) for o, c in chords]
    return notes, chords, "3/4" if three else "4/4", GENRES[i % 3], late


def write_archive(path, tunes):
    notes, chords, meters, genres, late = zip(*tunes, strict=True)
    flat = np.array(list(itertools.chain(*notes)), np.int32)
    symbols = np.array(list(itertools.chain(*chords)), np.int64)
    ends = [np.cumsum([0, *map(len, rows)]).astype(np.int32) for rows in (notes, chords)]
    np.savez(
        path, onset=flat[:, 0], duration=flat[:, 1], pitch=flat[:, 2].astype(np.uint8),
        tune_start=ends[0], chord_start=ends[1], chord_onset=symbols[:, 0],
        chord_root=np.array([(c - 1) % 12 for c in symbols[:, 1]], np.uint8),
        chord_pitch_classes=np.array([MASKS[c] for c in symbols[:, 1]], np.uint16),
        meter=np.array(meters), genre=np.array(genres), first_bar_missing=np.array(late),
        title=np.array([f"tune {i}" for i in range(len(tunes))]),
        variant_group=np.arange(len(tunes)), ticks_per_quarter=np.int32(48),
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return write_archive(tmp_path_factory.mktemp("sheets") / "x.npz", [tune(i) for i in range(12)])


@pytest.fixture(scope="module")
def sheets(archive):
    return read_sheets(archive)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(3)
    model = LeadSheet(LeadSheetConfig(**SIZES)).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2)
    return model


def test_sheets_are_frames_from_a_bar_line_on(sheets):
    assert {split: len(own) for split, own in sheets.items()} == {
        "train": 8, "valid": 2, "test": 2
    }  # fmt: skip
    first, late, waltz, *_ = sheets["train"]
    assert (first.meter, first.style, first.bar, len(first)) == ("4x48", "jazz", 16, 64)
    assert (waltz.meter, waltz.style, waltz.bar, len(waltz)) == ("3x48", "folk", 12, 48)
    beginning = [[41, C], [0, C], [0, C], [1, C], [45, C], [0, C], [0, C], [1, C]]
    assert first.frames[:8].tolist() == beginning
    assert [int(first.frames[k, 1]) for k in (0, 15, 16, 32, 48)] == [C, C, F, G7, C]
    # A quarter is wanting of its first bar.
    assert late.frames[:5, 0].tolist() == [0, 0, 0, 0, 48]
    assert [int(late.frames[k, 1]) for k in (4, 16)] == [C, F]


def test_chords_by_their_pitch_classes_and_root():
    assert chord_of(MASKS[G7], 7) == G7
    assert chord_of(MASKS[G7] | 1 << 9, 7) == G7  # with its ninth
    assert chord_of(0, 7) == chord_of(MASKS[C], 255) == 0
    assert chord_of(0b1010010001, 9) != chord_of(0b1010010001, 0)


def test_another_key():
    frames = np.array([[0, 0], [41, C], [1, G7], [0, 0]])
    moved = transposed(frames, 5)
    assert moved.tolist() == [[0, 0], [46, F], [1, 1 + 24], [0, 0]]
    np.testing.assert_array_equal(transposed(moved, -5), frames)


def test_what_is_no_archive_is_named(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.zeros(3))
    with pytest.raises(CorpusError, match="not an archive of lead sheets"):
        read_sheets(tmp_path / "x.npz")
    with pytest.raises(CorpusError, match="six are needed"):
        read_sheets(write_archive(tmp_path / "y.npz", [tune(0)]))


def test_rows_are_in_their_tables(sheets):
    reader = past.Reader()
    for sheet in sheets["train"][:3]:
        score = score_of(sheet)
        read = reader(score.known)
        for rows, sizes in (
            (read.frame, past.FRAME_SIZES),
            (read.chord, past.CHORD_SIZES),
            (reader.of_melody(score.known, read, score.frames[:, 1]), past.MELODY_SIZES),
        ):
            assert ((rows >= 0) & (rows < torch.tensor(sizes))).all()


def test_batches_hold_every_frame_once_and_carry_on(sheets):
    scores = [score_of(sheet) for sheet in sheets["train"]]
    lanes = [[], [], []]
    for batch in chunked(scores, rows=3, length=20):
        for row, lane in enumerate(lanes):
            frames = batch.frames[batch.mask[:, row], row]
            if batch.cold[row]:
                lane.append([])
            if len(frames):
                lane[-1] += frames.tolist()
    found = sorted(piece for lane in lanes for piece in lane if piece)
    assert found == sorted(score.frames.tolist() for score in scores)


def test_tags(sheets):
    score = score_of(sheets["train"][2])
    assert [tag for tag, there in zip(TAGS, score.tags[0], strict=True) if there] == [
        "style:folk", "bar:3", "closing"
    ]  # fmt: skip
    assert float(score.tags[-1, -1]) == 63 / 64
    assert without_tags(score).tags.sum(0).tolist() == [0, 0, 0, 0, 48, 0, 0, 0]


@torch.no_grad()
@pytest.mark.parametrize("index", range(4))
def test_the_step_is_the_model(model, sheets, index):
    """Log-probabilities of a tune, forced frame by frame, and of the same in one batch."""
    step, score = LeadSheetStep(model), without_tags(score_of(sheets["train"][index]))
    (batch,) = chunked([score], 1, len(score.frames))
    nats, _ = model.nats(batch.frames, batch.known, batch.tags, batch.mask, model.initial(1))
    inputs = list(step.shape.first(1))
    inputs[step.shape.inputs.index("style")] = score.tags[:1]
    found = []
    for frame in score.frames:
        inputs[-2:] = list(frame[:, None])
        out = step(*inputs)
        assert [int(t) for t in out[:2]] == frame.tolist()
        found.append(-float(out[-2]))
        inputs[:5] = out[:5]
    np.testing.assert_allclose(found, nats.sum(-1)[:, 0], atol=1e-4)


@torch.no_grad()
def test_what_is_remembered_is_the_whole_past(model):
    """Over frames of all kinds, longer than the longest lag, in every metre."""
    rng = np.random.default_rng(1)
    frames = torch.from_numpy(rng.integers((0, 0), (90, 145), (300, 2)))
    frames[torch.from_numpy(rng.random(300) < 0.6), 0] = 0
    frames[torch.from_numpy(rng.random(300) < 0.1), 0] = 1
    for t in range(1, 300):
        if rng.random() < 0.8:
            frames[t, 1] = frames[t - 1, 1]
    step = LeadSheetStep(model)
    for meter, units in enumerate(past.BARS):
        tags = torch.zeros(1, len(TAGS))
        tags[0, TAGS.index(f"bar:{units}")] = 1.0
        one = whole.known(frames, meter)
        known = past.Known(*(getattr(one, name)[:, None] for name in past.Known.__slots__))
        mask = torch.ones(len(frames), 1, dtype=torch.bool)
        batch = frames[:, None], known, tags.expand(len(frames), 1, -1), mask
        nats, _ = model.nats(*batch, model.initial(1))
        inputs = list(step.shape.first(1))
        inputs[step.shape.inputs.index("style")] = tags
        found = []
        for frame in frames:
            inputs[-2:] = list(frame[:, None])
            out = step(*inputs)
            found.append(-float(out[-2]))
            inputs[:5] = out[:5]
        np.testing.assert_allclose(found, nats.sum(-1)[:, 0], atol=2e-4)


def test_logits_are_the_same_in_every_key(model, sheets):
    """But for the absolute rows and what the recurrence makes of them."""
    quiet = LeadSheet(LeadSheetConfig(**SIZES)).eval()
    with torch.no_grad():
        for head, classes in ((quiet.chords, past.CLASSES), (quiet.lines, past.LINE)):
            head.out.weight[1:classes] = 0
            head.out.bias[1:classes] = 0
            head.context.weight.zero_()
    here, there = (score_of(sheets["train"][0], by) for by in (0, 3))
    rows = [
        quiet.logits(b.frames, b.known, b.tags, b.mask, quiet.initial(1))[:2]
        for score in (here, there)
        for b in chunked([score], 1, 64)
    ]
    chords = [
        torch.log_softmax(row[1], -1).gather(-1, score.frames[:, None, 1:])
        for row, score in zip(rows, (here, there), strict=True)
    ]
    # The first chord has nothing before it that it could be a step from.
    torch.testing.assert_close(chords[0][1:], chords[1][1:])


def test_counting_beats_nothing_and_repeating_is_told(sheets):
    counts = sheet_baselines.counted(sheets["train"], sheets["valid"])
    assert counts["chord"].nats < 0.5 < np.log(145)
    assert counts["melody"].nats < 2.0 < np.log(90)
    same = sheet_baselines.repeating(sheets["valid"])
    changes = [(np.diff(s.frames[:, 1]) != 0).sum() + 1 for s in sheets["valid"]]
    assert same["chord"] == 1 - sum(changes) / sum(map(len, sheets["valid"]))
    assert 0 <= counts["chord"].change_right <= 1


@pytest.fixture(scope="module")
def trained(archive, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    args = ["--sheets", str(archive), "--out", str(out), "--rows", "4"]
    args += [x for k, v in SIZES.items() for x in (f"--{k}", str(v))]
    assert train.main([*args, "--epochs", "2"]) == 0
    assert train.main([*args, "--epochs", "4", "--resume"]) == 0
    return out


def test_training_learns_goes_on_and_keeps_the_best(trained, sheets):
    found, model = checkpoint.load_model(trained / "best.npz", LEAD_SHEETS)
    progress = found.progress
    assert checkpoint.load(trained / "last.npz").progress["epochs"] == 4
    scores = [without_tags(score_of(sheet)) for sheet in sheets["valid"]]
    assert measured(model, scores).nats == pytest.approx(progress["best"], abs=1e-4)
    torch.manual_seed(1)
    assert progress["best"] < measured(LeadSheet(model.config), scores).nats - 0.2


def test_other_options_can_not_go_on(trained, archive, capsys):
    args = ["--sheets", str(archive), "--out", str(trained), "--resume"]
    assert train.main([*args, "--hidden", "3"]) == 2
    assert "give the options that it was started with" in capsys.readouterr().err
    with pytest.raises(SettingsError, match="--head-dropout 1"):
        LeadSheetConfig(head_dropout=1.0)


def test_a_voice_is_made_and_plays(trained, archive, tmp_path, capsys):
    (tmp_path / "credits.md").write_text("- Nobody's tunes.\n", encoding="utf-8")
    paths = [str(trained / "best.npz"), str(tmp_path / "mine.onnx")]
    options = ["--sheets", str(archive), "--credits", str(tmp_path / "credits.md"),
               "--report", str(tmp_path / "mine.json")]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parity, "STEPS", 20)
        code = to_voice.main([*paths, *options])
    facts = json.loads(capsys.readouterr().out)
    assert facts["same_tokens"] == facts["tokens"]
    assert facts["log_prob_error"] <= parity.ERROR
    assert code == (0 if facts["passed"] else 1)
    rows = json.loads((tmp_path / "mine.json").read_text())
    assert {"lead sheets/valid", "lead sheets/test"} < {row["set"] for row in rows}
    spec = read_spec(tmp_path / "mine.onnx")
    assert (spec.kind, spec.heads, spec.ticks) == ("chords_melody", (90, 145), 12)
    assert sorted(spec.styles) == ["folk", "jazz", "song"]
    assert spec.styles["folk"].meters == {"3x48": 1.0}
    composer, programme = (
        Composer(tmp_path / "mine.onnx"),
        StreamPosition(3, Controls(candidates=2)),
    )
    channels = set()
    for _ in range(3):
        phrase = composer.compose(programme.request)
        channels |= {n.channel for n in phrase.notes}
        assert phrase.length % phrase.bar == 0
        programme = programme.after(phrase)
    assert 1 in channels


def test_sheets_of_other_metres_are_left_out(tmp_path):
    tunes = [tune(i) for i in range(7)]
    tunes[2] = (*tunes[2][:2], "5/4", *tunes[2][3:])
    found = read_sheets(write_archive(tmp_path / "x.npz", tunes))
    assert sum(map(len, found.values())) == 6
    assert "tune 2" not in {s.title for own in found.values() for s in own}
