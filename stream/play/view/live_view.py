"""The live view: looks on while the driver plays, and draws what it sees on a terminal."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from stream.play.view.frame import Scene, frame, summary
from stream.play.view.screen_diff import changes
from stream.play.view.terminal import Terminal, colour_code

if TYPE_CHECKING:
    from stream.play.observer import Slot, Snapshot
    from stream.play.stats import Stats
    from stream.play.view.screen_diff import Lines

FRAME_SECONDS = 0.1
NOTICE_SECONDS = 20.0
"""For which a notice stands on the screen. All are repeated at the end."""
REST_SECONDS = 0.02
"""After which the rest of a frame is offered to a terminal that has taken a part of it."""


class LiveView:
    """Observer that draws frames on a terminal, ten a second at most."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._past: deque[Slot] = deque(maxlen=6)
        self._notices: deque[str] = deque(maxlen=20)
        self._code = colour_code()
        self._shown: Lines = []
        self._due = 0.0
        self._stats: Stats | None = None
        self._fresh_until: float | None = None

    def phrase_started(self, moment: Snapshot) -> None:
        if moment.current is not None:
            self._past.append(moment.current)

    def notice(self, text: str) -> None:
        self._notices.append(text)
        self._fresh_until = None

    def refresh(self, moment: Snapshot) -> float | None:
        if self._terminal.lost:
            return None
        if moment.now < self._due:
            return self._due
        if moment.now > self._due + 1.0:
            # We were stopped or just began: whatever is on the screen is not ours.
            self._shown = []
        self._stats = moment.stats
        self._draw(moment)
        self._due = moment.now + (REST_SECONDS if self._terminal.busy else FRAME_SECONDS)
        return self._due

    def close(self) -> None:
        said = [*self._notices, *([] if self._stats is None else [summary(self._stats)])]
        self._notices.clear()
        self._stats = None
        self._terminal.close(said)

    def _draw(self, moment: Snapshot) -> None:
        size = self._terminal.size()
        scene = Scene(moment, tuple(self._past), self._news(moment.now))
        lines = frame(scene, size.width, size.height)
        changed = changes(self._shown, lines, self._code)
        self._shown = lines if not changed or self._terminal.show(changed) else []

    def _news(self, now: float) -> str:
        """The last notice, while it is fresh."""
        if not self._notices:
            return ""
        if self._fresh_until is None:
            self._fresh_until = now + NOTICE_SECONDS
        return self._notices[-1] if now < self._fresh_until else ""
