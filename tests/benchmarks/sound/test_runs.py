"""What is kept is not made again, unless something else is asked for."""

from benchmarks.sound.runs import Kept, configuration
from benchmarks.sound.systems import SYSTEMS, Study
from export.models.wave.block_rnn import BlockRNN, parameters


def test_facts_are_made_once(tmp_path):
    made = []

    def make():
        made.append(len(made))
        return {"value": len(made)}

    kept = Kept(tmp_path / "a" / "b.json")
    assert [kept.get({"epochs": n}, make)["value"] for n in (1, 1, 2, 2)] == [1, 1, 2, 2]
    assert made == [0, 1]


def test_a_gru_of_equal_parameters_is_as_large_as_the_lstm(tmp_path):
    study = Study(tmp_path, tmp_path, rate=800, hidden=32)
    sizes = [parameters(BlockRNN(configuration(study, SYSTEMS[n]))) for n in ("lstm", "gru-equal")]
    assert abs(sizes[1] / sizes[0] - 1) < 0.03
