"""The kinds of frames by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stream.compose.polyphony import lead_frames
from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.polyphony.kind import FrameKind
from stream.compose.polyphony.lead_frames import LeadFrames
from stream.compose.polyphony.roll_frames import PIANOROLL
from stream.voices.spec import VoiceSpec

LEAD_SHEET = "chords_melody"
HEADS: Mapping[str, tuple[tuple[int, ...], ...]] = {
    "chorale": (CHORALE.heads,),
    "pianoroll": (PIANOROLL.heads,),
    LEAD_SHEET: lead_frames.HEADS,
}
"""Classes of each head by the kind of voice; START is the token of each."""
TICKS: Mapping[str, tuple[int, ...]] = {
    "chorale": (0, CHORALE.ticks),
    "pianoroll": (0, PIANOROLL.ticks),
    LEAD_SHEET: lead_frames.TICKS,
}
"""Ticks of a frame that a voice of each kind may declare; 0 is the kind's default."""
MAKERS: Mapping[str, Callable[[VoiceSpec], FrameKind]] = {
    "chorale": lambda _: CHORALE,
    "pianoroll": lambda _: PIANOROLL,
    LEAD_SHEET: lambda spec: LeadFrames(spec.heads, spec.ticks),
}


def frame_kind(spec: VoiceSpec) -> FrameKind:
    """Return the kind of a voice's frames."""
    return MAKERS[spec.kind](spec)
