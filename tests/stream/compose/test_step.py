import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from stream.compose.step import Point, Step
from stream.errors import VoiceError
from stream.voices.spec import SEAL_KEY, append_spec, read_spec, replace_spec, with_seal
from tests.stream.compose.conftest import CHORALE, LEAD, PIANO

ROOT = pathlib.Path(__file__).parents[3]
TINY = ROOT / "tests" / "data" / "tiny.onnx"


def point(step, k, **options):
    return Point(
        np.zeros((k, step.spec.latent), np.float32),
        np.zeros((k, len(step.spec.tags)), np.float32),
        **options,
    )


def test_forced_tokens_are_taken_and_their_probabilities_sum_to_one(step):
    """Over every class of a head, the two others forced: sum of p(a, b, c) over c is p(a, b)."""
    heads = step.spec.heads
    events = np.array([(a, 2, 5) for a in range(heads[0])], np.int64)
    state = step.initial().tiled(len(events))
    noise = np.zeros((len(events), 3), np.float32)
    first = step(state, point(step, len(events)), noise, events)
    np.testing.assert_array_equal(first.state.token, events)

    grid = np.array([(a, b, c) for a in range(13) for b in range(8) for c in range(11)], np.int64)
    state = step.initial().tiled(len(grid))
    noise = np.zeros((len(grid), 3), np.float32)
    out = step(state, point(step, len(grid)), noise, grid)
    assert np.exp(out.log_prob.astype(float)).sum() == pytest.approx(1.0, abs=1e-4)


def test_sampling_follows_the_model(step):
    """Frequencies of 20,000 draws against the probabilities that forcing reports."""
    n = 20_000
    rng = np.random.default_rng(0)
    state = step.initial().tiled(n)
    drawn = step(state, point(step, n), rng.random((n, 3), np.float32)).state.token
    for head, size in enumerate(step.spec.heads[:1]):
        frequency = np.bincount(drawn[:, head], minlength=size) / n
        grid = [(a, b, c) for a in range(13) for b in range(8) for c in range(11)]
        force = np.array(grid, np.int64)
        k = len(grid)
        out = step(step.initial().tiled(k), point(step, k), np.zeros((k, 3), np.float32), force)
        expected = np.zeros(size)
        np.add.at(expected, force[:, head], np.exp(out.log_prob))
        np.testing.assert_allclose(frequency, expected, atol=4 * np.sqrt(0.25 / n))


def test_a_small_nucleus_and_a_low_temperature_take_the_likeliest(step):
    rng = np.random.default_rng(1)
    k = 64
    state = step.initial().tiled(k)
    noise = rng.random((k, 3), np.float32)
    narrow = step(state, point(step, k, top_p=1e-6), noise).state.token
    cold = step(state, point(step, k, temperature=1e-3), noise).state.token
    np.testing.assert_array_equal(narrow, narrow[:1].repeat(k, 0))
    np.testing.assert_array_equal(narrow, cold)


def test_candidates_do_not_touch_each_other(step):
    """Each row of a batch is what it would be alone."""
    rng = np.random.default_rng(2)
    noise = rng.random((5, 3), np.float32)
    together = step(step.initial().tiled(5), point(step, 5), noise)
    for k in range(5):
        alone = step(step.initial(), point(step, 1), noise[k : k + 1])
        np.testing.assert_array_equal(alone.state.token, together.state.token[k : k + 1])
        np.testing.assert_allclose(alone.log_prob, together.log_prob[k : k + 1], rtol=1e-4)


def test_files_that_are_no_voice_are_refused(tmp_path):
    whole = TINY.read_bytes()
    spec = read_spec(TINY)
    graph = whole[: whole.rindex(b"\x0a\x09perpetuum") - 4]
    cases = {
        "missing.onnx": (None, "cannot be read: No such file"),
        "empty.onnx": (b"", "not a voice"),
        "text.onnx": (b"hello, I am a voice", "damaged, or not an ONNX file"),
        "half.onnx": (whole[: len(whole) // 2], "damaged"),
        "flipped.onnx": (whole[:999] + b"\xff" + whole[1000:], "damaged"),
        "hollow.onnx": (
            append_spec(b"", spec),
            "its graph is refused: its operator sets are \\[\\]",
        ),
        "garbage.onnx": (append_spec(graph[: len(graph) // 3], spec), "damaged"),
    }
    for name, (content, message) in cases.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(VoiceError, match=message) as caught:
            Step(path)
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)
    shutil.copy(TINY, tmp_path / "good.onnx")
    assert Step(tmp_path / "good.onnx").spec == spec


def test_nothing_is_reported_to_anybody(tmp_path):
    """Where onnxruntime reports, it keeps a database of it and an identity in the home folder."""
    command = (
        "import pathlib, stream.compose.step as s; s.Step(pathlib.Path('tests/data/tiny.onnx'))"
    )
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", command], env=environment, cwd=ROOT, check=True)
    assert list(tmp_path.rglob("*")) == []


def hostile(tmp_path, change):
    """A voice whose graph is changed, under a seal that holds."""
    model = onnx.load(TINY)
    change(model)
    kept = [p for p in model.metadata_props if p.key != SEAL_KEY.decode()]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    path = tmp_path / "hostile.onnx"
    path.write_bytes(with_seal(model.SerializeToString()))
    return path


def instead(model, output, operator, *inputs, **attributes):
    """What gives `output` gives `inner` instead, and a new node makes `output` of it."""
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = ["inner" if name == output else name for name in names]
    model.graph.node.append(helper.make_node(operator, ["inner", *inputs], [output], **attributes))


def moved(model, token, by):
    model.graph.initializer.append(helper.make_tensor("by", TensorProto.INT64, [], [by]))
    instead(model, token, "Add", "by")


def strange_tokens(model):
    moved(model, "next_token_2", 11)


def negative_tokens(model):
    moved(model, "next_token_0", -13)


def twice_as_many(model):
    instead(model, "log_prob", "Concat", "inner", axis=0)


def other_state(model):
    state = next(i for i in model.graph.input if i.name == "state_0")
    state.type.tensor_type.shape.dim[1].dim_value = 17


def renamed_output(model):
    model.graph.output[0].name = "log_prob"


def unknown_tensor(model):
    model.graph.node[0].input[0] = "nothing"


def elsewhere(model):
    onnx.external_data_helper.set_external_data(model.graph.initializer[0], "weights")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (strange_tokens, "its graph returns unknown tokens"),
        (negative_tokens, "its graph returns unknown tokens"),
        (twice_as_many, "its graph returns arrays of another shape"),
        (other_state, "its graph"),
        (renamed_output, "its graph cannot be run"),
        (unknown_tensor, "its graph cannot be run"),
        (elsewhere, "its graph is refused"),
    ],
)
def test_a_hostile_graph_is_an_error_in_one_line(tmp_path, change, reason):
    path = hostile(tmp_path, change)
    with pytest.raises(VoiceError, match=reason) as caught:
        Step(path)
    assert str(caught.value).isprintable()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_onnx_to_onnxruntime_too(tmp_path):
    """These four bytes, fifth to eighth, are the mark of its own format, which goes unchecked."""

    def marked(model):
        model.producer_name = "ORTM"
        model.producer_version = ""

    path = hostile(tmp_path, marked)
    assert path.read_bytes()[4:8] == b"ORTM"
    assert Step(path).spec == read_spec(TINY)


def test_nothing_is_reported_to_the_maker_of_onnxruntime(tmp_path):
    """No identifier, no database, no thread of its own."""
    code = "import stream.compose.step as s, os, pathlib; s.Step(pathlib.Path(os.environ['VOICE']))"
    code += "; print(len(os.listdir('/proc/self/task')))"
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    folders = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "VOICE": str(TINY)}
    told = subprocess.run(
        [sys.executable, "-B", "-c", code], env=kept | folders | {"OMP_NUM_THREADS": "1"},
        cwd=TINY.parents[2], check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert (told.stdout, list(tmp_path.rglob("*"))) == ("1\n", [])


@pytest.mark.parametrize("voice", [CHORALE, PIANO], ids=["chorale", "piano"])
def test_voices_of_several_parts(voice):
    """Forced frames are taken, those of a chorale's head are all there are, positions count."""
    step = Step(voice)
    heads = step.spec.heads
    k = heads[0]
    state = step.initial().tiled(k)
    assert state.token.tolist() == [list(heads)] * k
    force = np.full((k, len(heads)), 0 if voice == CHORALE else heads[0] - 1)
    force[:, 0] = np.arange(k)
    noise = np.zeros((k, step.spec.noise), np.float32)
    out = step(state, point(step, k), noise, force)
    np.testing.assert_array_equal(out.state.token, force)
    assert out.state.states[-1].tolist() == [1] * k
    # The other parts of the tiny chorale do not care what the first one does.
    others = step(state, point(step, k), noise, np.where(np.arange(len(heads)) == 0, -1, force))
    assert (others.log_prob <= 0).all()
    assert (others.entropy > 0).all()


def of_kind(tmp_path, **changes):
    spec, data = read_spec(CHORALE), CHORALE.read_bytes()
    path = tmp_path / "changed.onnx"
    path.write_bytes(replace_spec(data, dataclasses.replace(spec, **changes)))
    return path


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "hymn"}, "kind 'hymn' is not accepted here"),
        ({"kind": "melody"}, "its description does not fit kind melody"),
        ({"kind": "pianoroll"}, "its description does not fit kind pianoroll"),
        ({"heads": (64, 64, 64)}, "its description does not fit kind chorale"),
        ({"states": ()}, "its description does not fit kind chorale"),
        ({"ticks": 24}, "its description does not fit kind chorale"),
        ({"kind": "chords_melody", "ticks": 12}, "its description does not fit kind chords_melody"),
        ({"noise": 5}, "its graph differs from its description"),
        ({"latent": 1}, "is invalid|its graph differs from its description"),
    ],
)
def test_a_description_of_another_kind_is_refused(tmp_path, changes, reason):
    with pytest.raises(VoiceError, match=reason):
        Step(of_kind(tmp_path, **changes))


@pytest.mark.parametrize("ticks", [0, 5, 48])
def test_a_lead_sheet_tells_the_ticks_of_its_frames(tmp_path, ticks):
    spec, path = read_spec(LEAD), tmp_path / "changed.onnx"
    assert (spec.kind, spec.heads, spec.ticks) == ("chords_melody", (90, 145, 90), 24)
    path.write_bytes(replace_spec(LEAD.read_bytes(), dataclasses.replace(spec, ticks=ticks)))
    with pytest.raises(VoiceError, match=r"kind chords_melody|one of 0, 3, 4"):
        Step(path)
