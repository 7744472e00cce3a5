"""The live view: an observer that draws the performance on a terminal."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from stream.pairs.qr_code import is_row
from stream.play.view.frame import frame, summary
from stream.play.view.keys import KEYS, PAIR
from stream.play.view.part_notes import NoteCache
from stream.play.view.scene import Scene
from stream.play.view.screen_diff import changes
from stream.play.view.terminal import Terminal, color_code

if TYPE_CHECKING:
    from stream.play.observer import Slot, Snapshot
    from stream.play.stats import Stats
    from stream.play.view.keys import Key
    from stream.play.view.screen_diff import Lines
    from stream.play.view.terminal import Size

FRAME_SECONDS = 0.1
NOTICE_SECONDS = 20.0
"""Seconds for which a notice is shown. All of them are repeated at the end."""
REPAINT_SECONDS = 20.0
"""Seconds after which a new phrase is drawn whole: another program may have written something."""
PANEL = "panel"
SERVICES = (PANEL, "radio", "home", "osc")
"""Services whose address stays visible; a notice with it begins with the service's name."""
REST_SECONDS = 0.02
"""Seconds after which the rest of a frame is sent to a terminal that accepted part of it."""


class LiveView:
    """Observer that draws frames on a terminal, at most ten a second."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._past: deque[Slot] = deque(maxlen=6)
        self._notices: deque[str] = deque(maxlen=20)
        self._news = ""
        """The last notice that is not an address."""
        self._cache = NoteCache()
        self._code = color_code()
        self._addresses: dict[str, str] = {}
        self._qr_code: tuple[str, ...] = ()
        self._unfolded: frozenset[Key] = frozenset()
        self.shown: Snapshot | None = None
        """The performance as it was drawn last."""
        self._shown: Lines = []
        """Lines on the screen, or on their way to it; empty if it may show anything."""
        self._size: Size | None = None
        self._due = self._repaint_at = 0.0
        self._stats: Stats | None = None
        self._notice_until: float | None = None

    def phrase_started(self, snapshot: Snapshot) -> None:
        if snapshot.current is not None:
            self._past.append(snapshot.current)
            if snapshot.now > self._repaint_at:
                self.repaint()

    def repaint(self) -> None:
        """Draw every character of the next frame."""
        self._shown = []

    def toggle(self, char: str) -> None:
        """Show or hide the page of a key: help, details."""
        self._unfolded ^= {key for key in KEYS if key.char == char}

    def notice(self, text: str) -> None:
        if is_row(text):
            self._qr_code += (text,)
            return
        self._notices.append(text)
        service, _, address = text.partition(": ")
        if service in SERVICES and address.startswith("http"):
            self._addresses[service] = address
            if service == PANEL:
                self._qr_code = ()  # its rows follow
        else:
            self._news, self._notice_until = text, None

    def refresh(self, snapshot: Snapshot) -> float | None:
        if self._terminal.lost:
            return None
        if snapshot.now < self._due:
            return self._due
        if snapshot.now > self._due + 1.0:
            # After a stop, and at the start, the screen may show anything.
            self._terminal.reenter()
            self.repaint()
        self._stats = snapshot.stats
        if self._terminal.flush():
            self._draw(snapshot)
        self._due = snapshot.now + (REST_SECONDS if self._terminal.busy else FRAME_SECONDS)
        return self._due

    def close(self) -> None:
        text = [*self._notices, *([] if self._stats is None else [summary(self._stats)])]
        self._notices.clear()
        self._stats = None
        self._terminal.close(text)

    def _draw(self, snapshot: Snapshot) -> None:
        if not self._terminal.in_foreground():
            self.repaint()
            return
        size = self._terminal.size()
        notice = self._current_notice(snapshot.now)
        scene = Scene(
            snapshot,
            tuple(self._past),
            notice,
            tuple(self._addresses.items()),
            self._keys(),
            self._unfolded,
            self._qr_code,
            self._cache,
        )
        lines = frame(scene, size.width, size.height)
        if size != self._size:
            self._size, self._shown = size, []
        if not self._shown:
            self._repaint_at = snapshot.now + REPAINT_SECONDS
        if changed := changes(self._shown, lines, self._code):
            self._terminal.show(changed)
        self._shown, self.shown = lines, snapshot

    def _keys(self) -> tuple[Key, ...]:
        """Return the keys that do something now."""
        if not self._terminal.has_keys:
            return ()
        return KEYS if self._qr_code else tuple(key for key in KEYS if key is not PAIR)

    def _current_notice(self, now: float) -> str:
        """Return the last notice while it is new, else an empty text."""
        if self._notice_until is None:
            self._notice_until = now + NOTICE_SECONDS
        return self._news if now < self._notice_until else ""
