import numpy as np
import torch

from export.blues.choruses import GOES_ON
from export.blues.forms import BAR, CHORUS, HALF
from export.blues.train_clock import FORMS
from export.blues.train_lines import CHORUSES, LinesPlan, LinesTask, _sounding, own, places, tunes
from export.models.blues.trio import ECHO, Trio, TrioConfig
from export.training.trainer import Trainer


def test_own_classes():
    assert own(np.array([0, 1, 55 - 19, 84 - 19]), 55).tolist() == [0, 1, 2, 31]


def test_what_sounds_before_each_frame():
    classes = np.array([[GOES_ON, 5, 0, 0, 1, 0, 7]]).T
    assert _sounding(classes)[:, 0].tolist() == [0, 0, 6, 6, 6, 2, 2]


def test_columns_tell_what_was_and_where_it_is():
    given = tunes(5, np.random.default_rng(0))
    columns = given.columns()
    assert columns.shape == (CHORUSES * CHORUS, 5, 5)
    assert given.style.tolist() == [0, 1, 2, 3, 0]
    for n in range(5):
        melody, bass, echo, chord, phase = columns[:, n].T
        assert (melody == _sounding(given.melody[:, n : n + 1])[:, 0]).all()
        assert (bass == _sounding(given.bass[:, n : n + 1])[:, 0]).all()
        assert (echo[:ECHO] == 0).all()
        assert (echo[ECHO:] == given.melody[:-ECHO, n] + 1).all()
        assert (chord[::HALF] == np.tile(FORMS[n % 4], CHORUSES)).all()
        assert (phase == np.arange(len(phase)) % BAR).all()


def test_lines_learn():
    torch.manual_seed(0)
    model = Trio(TrioConfig(clock=4, lines=8, embedding=8))
    plan = LinesPlan(tunes=4, rows=4, length=256, epochs=4, rate=2e-2)
    trainer = Trainer(LinesTask(model, plan, np.random.default_rng(0)), plan)
    trainer.fit()
    nats = trainer.curve
    assert len(nats) == 4
    assert nats[-1] < nats[0] - 0.5


def test_places_are_the_clocks_memory_before_each_chord():
    torch.manual_seed(0)
    model = Trio(TrioConfig(clock=4))
    found = places(model.clock)
    assert found.shape == (CHORUSES * CHORUS, 4, 4)
    assert (found[:HALF] == 0).all()
    chord, style = torch.from_numpy(FORMS.T[:1]), torch.eye(4)[None]
    first, _ = model.clock(chord, style)
    torch.testing.assert_close(found[HALF], first[0].detach())
