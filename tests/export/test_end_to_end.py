"""From a corpus to music: train, resume, make the voice, render."""

import mido
import pytest

from export.frames import to_voice as frames_to_voice
from export.melody import to_voice as melody_to_voice
from export.melody import train as melody_train
from export.rolls import train as rolls_train
from stream.__main__ import main as stream_main
from tests.export.rolls.conftest import roll, write_set

MELODY = ["--hidden=16", "--depth=1", "--latent=2", "--encoder-hidden=8", "--tag-width=4"]
ROLLS = ["--model=rnn", "--recurrent=16", "--length=32"]


@pytest.fixture(scope="module")
def rolls(tmp_path_factory):
    pieces = [roll(i, 40 + 5 * (i % 4)) for i in range(12)]
    path = tmp_path_factory.mktemp("rolls") / "tiny.npz"
    return write_set(path, pieces[:8], pieces[8:10], pieces[10:])


@pytest.mark.parametrize("kind", ["melody", "rolls"])
def test_a_resumed_training_becomes_a_voice_that_plays(kind, tmp_path, archive, rolls):
    if kind == "melody":
        train, to_voice, sizes = melody_train, melody_to_voice, MELODY
        corpus = ["--corpus", f"even={archive}"]
    else:
        train, to_voice, sizes = rolls_train, frames_to_voice, ROLLS
        corpus = ["--set", f"tiny={rolls}"]
    run = [*corpus, "--out", str(tmp_path), "--rows=4", *sizes]
    assert train.main([*run, "--epochs=1"]) == 0
    assert train.main([*run, "--epochs=2", "--resume"]) == 0
    credit, voice, song = (tmp_path / name for name in ("CREDITS.md", "v.onnx", "song.mid"))
    credit.write_text("- Patterns of these tests, public domain.\n")
    made = [str(tmp_path / "best.npz"), str(voice), *corpus, "--credits", str(credit)]
    assert to_voice.main(made) == 0
    assert stream_main(["render", "--voice", str(voice), "--minutes=0.17", str(song)]) == 0
    file = mido.MidiFile(song)
    assert file.length >= 10
    assert sum(m.type == "note_on" and m.velocity > 0 for m in file) > 10
