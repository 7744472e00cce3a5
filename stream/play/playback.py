"""The parts of a performance that its agenda and its view act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.play.loudness import Loudness
    from stream.play.queue.phrase_queue import PhraseQueue
    from stream.play.queue.refill import Refill
    from stream.play.sender import Sender
    from stream.play.stats import Stats
    from stream.play.timing.transport import Transport
    from stream.play.voice_choice import VoiceChoice


class Playback(Protocol):
    """A queue of phrases with its composer at one end and its outputs at the other."""

    clock: Callable[[], float]
    """Time now (s, monotonic)."""
    queue: PhraseQueue
    refill: Refill
    sender: Sender
    transport: Transport
    loudness: Loudness
    stats: Stats
    voice: VoiceChoice

    @property
    def begun(self) -> bool:
        """True once there is music: the first note is queued."""

    def notice(self, text: str) -> None:
        """Report an event to the listener, in one line, when there is time."""
