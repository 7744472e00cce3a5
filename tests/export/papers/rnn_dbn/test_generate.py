import mido
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis.extra.numpy import arrays

from export.models.polyphony.family import FAMILIES, build
from export.papers.rnn_dbn import generate
from export.training import checkpoint


@pytest.mark.parametrize("family", ["rbm", "rnn-rbm", "rtrbm", "rnn-dbn"])
def test_the_seed_decides_the_roll(family):
    torch.manual_seed(0)
    model = build(family, FAMILIES[family].Config(hidden=8))
    first, again, other = (
        generate.generate(model, 5, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert (first.shape, first.dtype) == ((5, 88), bool)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@given(arrays(bool, (6, 88)))
def test_the_file_sounds_as_the_roll(roll):
    sounding, now, heard = set(), 0, np.zeros_like(roll)
    for message in generate.as_midi(roll).tracks[0]:
        frame = now // generate.TICKS
        now += message.time
        for t in range(frame, now // generate.TICKS):
            heard[t, list(sounding)] = True
        if message.type == "note_on":
            assert message.note - 21 not in sounding
            sounding.add(message.note - 21)
        elif message.type == "note_off":
            sounding.remove(message.note - 21)
    assert not sounding
    assert np.array_equal(heard, roll)


def test_the_command_writes_a_file(tmp_path, capsys):
    kind = FAMILIES["rnn-rbm"].Config
    progress = {"epochs": 0}
    model = build("rnn-rbm", kind(hidden=4))
    saved = checkpoint.Checkpoint("rnn-rbm", model.config, model.state_dict(), {}, progress, {})
    checkpoint.save(tmp_path / "x.npz", saved)
    arguments = [str(tmp_path / "x.npz"), "--out", str(tmp_path / "x.mid"), "--frames", "3"]
    assert generate.main(arguments) == 0
    assert mido.MidiFile(tmp_path / "x.mid").length > 0
    assert generate.main([*arguments, "--frames", "0"]) == 2
    assert generate.main([*arguments, "--out", str(tmp_path / "none" / "x.mid")]) == 2
    assert capsys.readouterr().err.count("error: ") == 2
