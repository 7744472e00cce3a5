import dataclasses
import math

import numpy as np
import pytest

from stream.compose.polyphony.kinds import frame_kind
from stream.compose.polyphony.score import score
from stream.compose.step import Point, Step
from stream.errors import CorpusError, SettingsError
from stream.music.note import Note
from stream.voices.spec import read_spec, replace_spec
from tests.stream.compose.conftest import CHORALE, PIANO

CHORDS = tuple(Note(96 + 24 * i, 24, 48 + p + i) for i in range(8) for p in (0, 4, 7, 12))


@pytest.mark.parametrize("voice", [CHORALE, PIANO], ids=["chorale", "piano"])
def test_bits_are_those_of_stepping_through_the_frames(voice):
    step = Step(voice)
    kind = frame_kind(step.spec)
    moved = [note.moved(-96) for note in CHORDS]
    frames = kind.arrange(moved, 8 * 24 // kind.ticks)
    for name, bits in score(step, CHORDS).items():
        tags = [[float(tag in {f"set:{name}", f"style:{name}"}) for tag in step.spec.tags]]
        point = Point(np.zeros((1, step.spec.latent), np.float32), np.array(tags, np.float32))
        state, nats = step.initial(), 0.0
        for frame in frames:
            noise = np.full((1, step.spec.noise), 0.5, np.float32)
            out = step(state, point, noise, frame[None])
            assert out.state.token.tolist() == [frame.tolist()]
            state, nats = out.state, nats - float(out.log_prob[0])
        assert bits == pytest.approx(nats / len(frames) / math.log(2), abs=1e-4)


def test_each_style_has_frames_of_its_own_length(tmp_path):
    spec, data = read_spec(PIANO), PIANO.read_bytes()
    style, *_ = spec.styles.values()
    both = {
        pace: dataclasses.replace(style, meters={meter: 1.0})
        for pace, meter in (("quick", "8x24"), ("slow", "4x48"))
    }
    path = tmp_path / "two.onnx"
    path.write_bytes(replace_spec(data, dataclasses.replace(spec, styles=both)))
    slowly = tuple(dataclasses.replace(n, onset=2 * n.onset, duration=48) for n in CHORDS)
    eighths, quarters = (score(Step(path), notes) for notes in (CHORDS, slowly))
    assert quarters["slow"] == pytest.approx(eighths["quick"])
    assert quarters["slow"] != pytest.approx(quarters["quick"])


def test_nothing_to_score():
    with pytest.raises(CorpusError, match="no notes found"):
        score(Step(CHORALE), ())


def test_a_voice_that_draws_hidden_units_can_not_tell():
    step = Step(CHORALE)
    step.spec = dataclasses.replace(step.spec, noise=1000)
    with pytest.raises(SettingsError, match="it draws hidden units"):
        score(step, CHORDS)
