"""The models of piano-roll frames by name."""

from __future__ import annotations

from export.models.polyphony.frame_model import FrameConfig, FrameModel
from export.models.polyphony.nade import NADE
from export.models.polyphony.note_list import NoteList
from export.models.polyphony.note_ngram import NoteNgram
from export.models.polyphony.rbm import RBM
from export.models.polyphony.rnn_dbn import RNNDBN
from export.models.polyphony.rnn_nade import RNNNADE
from export.models.polyphony.rnn_rbm import RNNRBM
from export.models.polyphony.rtrbm import RTRBM
from export.models.polyphony.sigmoid_rnn import SigmoidRNN

FAMILIES: dict[str, type[FrameModel]] = {
    "note-list": NoteList,
    "rbm": RBM,
    "rnn-rbm": RNNRBM,
    "rtrbm": RTRBM,
    "rnn-dbn": RNNDBN,
    "nade": NADE,
    "rnn-nade": RNNNADE,
    "rnn": SigmoidRNN,
    "note-ngram": NoteNgram,
}


def build(name: str, config: FrameConfig) -> FrameModel:
    """Return a new model with random weights; `KeyError` for an unknown name."""
    return FAMILIES[name](config)  # type: ignore[call-arg]  # each family sets its own width
