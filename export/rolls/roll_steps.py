"""Steps of the models of piano rolls: twelve heads, the pitches of a frame from the top down."""

from __future__ import annotations

from export.frames.step import FrameStep
from export.models.polyphony.frame_model import FrameModel
from export.models.polyphony.nade import NADE
from export.models.polyphony.note_list import NoteList
from export.models.polyphony.note_ngram import NoteNgram
from export.models.polyphony.rbm import RBM
from export.models.polyphony.rnn_dbn import RNNDBN
from export.models.polyphony.rnn_nade import RNNNADE
from export.models.polyphony.rnn_rbm import RNNRBM
from export.models.polyphony.rtrbm import RTRBM
from export.models.polyphony.sigmoid_rnn import SigmoidRNN
from export.rolls.key_steps import DBNStep, GibbsStep, NADEStep, NgramStep, RNNStep
from export.rolls.note_list_step import NoteListStep
from stream.errors import CorpusError

STEPS: dict[type[FrameModel], type[FrameStep]] = {
    NoteList: NoteListStep,
    RNNDBN: DBNStep,
    RBM: GibbsStep,
    RTRBM: GibbsStep,
    RNNRBM: GibbsStep,
    NADE: NADEStep,
    SigmoidRNN: RNNStep,
    RNNNADE: RNNStep,
    NoteNgram: NgramStep,
}


def step_of(model: FrameModel) -> FrameStep:
    """Return the step of a model of piano rolls. Raises `CorpusError` for one without a step."""
    made = STEPS.get(type(model))
    if made is None:
        known = ", ".join(kind.__name__ for kind in STEPS)
        raise CorpusError(
            f"a model {type(model).__name__} cannot be a voice; voices are made of {known}"
        )
    return made(model)  # type: ignore[arg-type]
