import dataclasses

import pytest

from benchmarks.polyphony.claims import GAIN, claims, gains, interval
from benchmarks.polyphony.runs import Measured
from benchmarks.record import Record


def readings(*nats):
    return [Measured("log_likelihood_ais", value, 600, 100) for value in nats]


def gain(value, sd=0.1, n=3):
    return Record("a > b", "jsb/test", GAIN, "nats", value, sd, n)


def test_the_interval_is_that_of_students_t():
    assert interval(gain(-7, sd=0.3, n=3)) == pytest.approx(4.303 * 0.3 / 3**0.5)


@pytest.mark.parametrize(
    ("record", "difference", "verdict"),
    [
        (gain(1.0), "+1.00 ± 0.25 (3)", "holds"),
        (gain(-1.0), "-1.00 ± 0.25 (3)", "the other way round"),
        (gain(0.2), "+0.20 ± 0.25 (3)", "undecided"),
        (gain(0.2, n=12), "+0.20 ± 0.06 (12)", "holds"),
        (gain(3.0, None, 1), "+3.00 (1)", "one difference: undecided"),
    ],
)
def test_verdicts(record, difference, verdict):
    assert claims([record]) == [("a > b", "JSB", difference, verdict)]


def test_only_gains_are_claims():
    assert claims([Record("RBM", "jsb/test", "log_likelihood_ais", "nats", -9.0, 0.1, 3)]) == []


def test_models_of_one_seed_are_compared():
    runs = {
        ("rbm", "jsb"): readings(-9.0, -9.0, -9.0),
        ("rnn-rbm", "jsb"): readings(-7.0, -6.0, -8.0),
        ("rnn-rbm", "jsb-raw"): readings(-7.5, -6.5),
        # What one seed had by luck is in both: its difference is nearly the same.
        ("rnn-dbn", "jsb"): readings(-6.9, -5.8, -7.8),
        ("rnn-rbm", "piano"): readings(-8.0, -8.0, -8.0),
        ("rnn-dbn", "piano"): readings(-8.1, -8.1, -8.1),
    }
    found = {(r.system, r.set): (round(r.value, 3), round(r.sd, 3), r.n) for r in gains(runs)}
    assert found == {
        ("RNN-DBN > RNN-RBM", "jsb/test"): (0.167, 0.058, 3),
        ("RNN-DBN > RNN-RBM", "piano/test"): (-0.1, 0.0, 3),
        ("RNN-DBN > RNN-RBM", "all/test"): (0.033, 0.189, 2),
        ("RNN-RBM > RBM", "jsb/test"): (2.0, 1.0, 3),
        ("RNN-RBM: transposed > raw", "jsb/test"): (0.5, 0.0, 2),
    }
    assert ("RNN-DBN > RNN-RBM", "all sets", "+0.03 ± 1.69 (2)", "undecided") in claims(gains(runs))


def test_unequal_training_is_told():
    found = gain(1.0)
    frames = [
        Record(f"{name} (9 frames)", "jsb/test", "frames_trained", "frames", count)
        for name, count in (("a", 5.0), ("b", 4.0))
    ]
    assert claims([found, *frames])[0][3] == "holds; unequal training"
    assert claims([found, frames[0], dataclasses.replace(frames[1], value=5.0)])[0][3] == "holds"
