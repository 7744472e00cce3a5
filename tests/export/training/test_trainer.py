"""The trainer, with the smallest task that there is."""

import operator

import pytest
import torch
from torch import nn

from export.training.plan import Plan
from export.training.task import Loss, Task, Validation
from export.training.trainer import Trainer, trained_by
from stream.errors import SettingsError


class Line(Task):
    """A line through points of y = 3 x."""

    kind = "line"

    def __init__(self):
        torch.manual_seed(0)
        self.model = nn.Linear(1, 1)

    def batches(self, epoch):
        return 8, [torch.from_numpy(epoch.rng.random((2, 1), "float32")) for _ in range(4)]

    def loss(self, batch):
        mean = (self.model(batch.content) - 3 * batch.content).pow(2).mean()
        return Loss(mean, float(mean.detach()) * 2, 2)


def silent(_line):
    pass


def test_a_task_without_validation_is_chosen_by_its_training_loss():
    lines = []
    trainer = Trainer(Line(), Plan(epochs=20, rate=0.1), report=lines.append)
    trainer.fit()
    assert trainer.curve[-1] < 0.2 * trainer.curve[0]
    assert [line["epoch"] for line in lines] == list(range(1, 21))
    assert trainer.best == min(trainer.curve)
    assert lines[-1]["best"] == trainer.best


def test_the_best_epoch_may_be_the_highest():
    figures = iter([1.0, 4.0, 2.0, 3.0])

    class Highest(Line):
        better = staticmethod(operator.gt)

        def validate(self, _model, _curve):
            return Validation(next(figures))

    trainer = Trainer(Highest(), Plan(epochs=9, patience=2, rate=0.1), report=silent)
    weights = []
    trainer.report = lambda _line: weights.append(trainer.model.weight.item())
    trainer.fit()
    assert (trainer.epochs_done, trainer.best, trainer.best_epoch) == (4, 4.0, 2)
    assert trainer.best_weights["weight"].item() == weights[1]


def test_averaged_weights_are_the_mean_of_the_steps():
    task, plan = Line(), Plan(epochs=1, rate=0.1, average=0.99, warm_up=0.0)
    expected, seen = task.model.weight.item(), []
    trainer = Trainer(task, plan, report=silent)
    step = trainer.optimizer.step

    def observed():
        step()
        seen.append(task.model.weight.item())

    trainer.optimizer.step = observed
    trainer.fit()
    for number, weight in enumerate(seen, 1):
        kept = min(0.99, number / (number + 10))
        expected = kept * expected + (1 - kept) * weight
    assert trainer.averaged.weight.item() == pytest.approx(expected)
    assert task.model.weight.item() == seen[-1] != pytest.approx(expected)


def test_a_constant_rate_and_one_that_falls_to_nothing():
    constant = Plan(rate=0.5, warm_up=0.0, last_rate=1.0)
    falling = Plan(rate=0.5, warm_up=0.0, last_rate=0.0)
    for progress in (0.0, 0.3, 1.0):
        assert constant.rate_at(progress, 0.0) == 0.5
    assert falling.rate_at(0.0, 0.0) == 0.5
    assert falling.rate_at(0.5, 0.0) == pytest.approx(0.25)
    assert falling.rate_at(1.0, 0.0) == 0.0


def test_a_model_is_trained_without_files():
    heard = []
    model = trained_by(
        Line(), Plan(epochs=3, rate=0.1, average=0.5), lambda *args: heard.append(args)
    )
    assert [epoch for epoch, _ in heard] == [1, 2, 3]
    assert not model.training
    with pytest.raises(SettingsError, match="give --out"):
        Trainer(Line(), Plan()).resume()
