"""The models of frames by name."""

from __future__ import annotations

from export.models.polyphony.frame_model import FrameConfig, FrameModel
from export.models.polyphony.note_list import NoteList

FAMILIES: dict[str, type[FrameModel]] = {"note-list": NoteList}


def build(name: str, config: FrameConfig) -> FrameModel:
    """A fresh model; `KeyError` for an unknown name."""
    return FAMILIES[name](config)
