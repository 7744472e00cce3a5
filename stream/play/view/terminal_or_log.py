"""The view of a terminal with its keys, or the log of a pipe or a service."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from stream.play.view import terminal

if TYPE_CHECKING:
    from stream.play.observer import Observer
    from stream.play.view.keyboard import Keyboard
    from stream.util.stop_signals import Stop

STDIN = 0
"""File descriptor of the terminal's keys, if standard input is a terminal."""


def observer_of(output: int, stop: Stop) -> tuple[Observer, Keyboard | None]:
    """Return the live view and its keys if `output` is a terminal, else the log."""
    if terminal.suitable(output):
        from stream.play.view.keyboard import Keyboard
        from stream.play.view.live_view import LiveView

        screen = terminal.Terminal(output, STDIN)
        view = LiveView(screen)
        return view, Keyboard(view, screen, lambda: stop.request(signal.SIGINT, None))
    from stream.play.view.log import Log

    return Log(), None
