import pytest

from benchmarks.frames.claims import claims, interval, verdict
from benchmarks.record import Record


def record(system, value, sd=0.1, n=3, name="jsb", measure="log_likelihood_ais"):
    return Record(system, f"{name}/test", measure, "nats", value, sd, n)


def test_the_interval_is_students():
    assert interval(record("x", -7, sd=0.3, n=3)) == pytest.approx(4.303 * 0.3 / 3**0.5)


@pytest.mark.parametrize(
    ("better", "worse", "said"),
    [
        (record("a", -6.0), record("b", -7.0), "+1.00: holds"),
        (record("a", -7.0), record("b", -6.0), "-1.00: the other way round"),
        (record("a", -6.0), record("b", -6.3), "+0.30: undecided"),
        (record("a", -6.0, None, 1), record("b", -9.0), "+3.00, one seed: undecided"),
        (None, record("b", -9.0), ""),
    ],
)
def test_verdicts(better, worse, said):
    assert verdict(better, worse) == said


def test_claims_are_of_likelihoods_alone():
    found = [
        record("RBM (600 frames)", -9.0),
        record("RNN-RBM (600 frames)", -7.0),
        record("RNN-RBM (600 frames)", -1.0, measure="pseudo_log_likelihood_monitor"),
        record("RNN-RBM, raw keys (600 frames)", -7.1, name="jsb-raw"),
        record("RNN-DBN (600 frames)", -6.0, measure="log_likelihood_bound"),
        record("RNN-DBN (600 frames)", -2.0, name="piano", measure="log_likelihood_bound"),
    ]
    assert claims(found) == [
        ("RNN-DBN > RNN-RBM", "JSB", "+1.00: holds"),
        ("RNN-RBM > RBM", "JSB", "+2.00: holds"),
        ("RNN-RBM: transposed > raw", "JSB", "+0.10: undecided"),
    ]
