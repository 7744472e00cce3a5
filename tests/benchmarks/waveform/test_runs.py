"""The networks that are compared."""

from benchmarks.waveform.runs import configuration
from benchmarks.waveform.systems import SYSTEMS, Study
from export.models.wave.block_rnn import BlockRNN, parameters


def test_a_gru_of_equal_parameters_is_as_large_as_the_lstm(tmp_path):
    study = Study(tmp_path, tmp_path, rate=800, hidden=32)
    sizes = [parameters(BlockRNN(configuration(study, SYSTEMS[n]))) for n in ("lstm", "gru-equal")]
    assert abs(sizes[1] / sizes[0] - 1) < 0.03
