"""The keys of the terminal as commands, which the player handles as those of a controller.

The player waits for keys where it waits for everything else, and reads them between two notes.
Ctrl-Z pauses the music and restores the terminal before the program is stopped.
"""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

from stream.play.view.keys import (
    DETAILS,
    HELP,
    KEEP,
    KEYS,
    NEXT,
    PAUSE,
    QUIT,
    REPAINT,
    STARS,
    KeyDecoder,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    from stream.play.view.live_view import LiveView
    from stream.play.view.terminal import Terminal
    from stream.util.event_wait import File

SUSPEND = "suspend"
"""Answer to the command that pauses the music before the program is stopped."""
LATER = "this tune is kept as soon as it has ended"
Command = dict[str, Any]


class Keyboard:
    """Reads the keys of `terminal` for `view`. `quit_player` ends the music."""

    def __init__(self, view: LiveView, terminal: Terminal, quit_player: Callable[[], None]) -> None:
        self._view = view
        self._terminal = terminal
        self._quit = quit_player
        self._decoder = KeyDecoder()
        self._suspending = False
        self._waiting: list[Command] = []
        self._usual = signal.getsignal(signal.SIGTSTP) or signal.SIG_DFL
        if self._usual != signal.SIG_IGN:  # else the program was started without job control
            signal.signal(signal.SIGTSTP, self._suspend_soon)

    def files(self) -> list[File]:
        """Return the files to wait for."""
        return [self._terminal] if self._terminal.listens else []

    def read(self, ready: Sequence[File]) -> list[Command]:
        """Return the commands of the keys that were pressed; never wait."""
        commands, self._waiting = self._waiting, []
        if self._suspending:
            commands.append({"id": SUSPEND, "play": False})
        pressed = self._terminal.read_keys() if self._terminal in ready else b""
        # A key that is held down counts once.
        for key in dict.fromkeys(self._decoder.decode(pressed)):
            commands += self._press(key)
        return commands

    def answer(self, line: bytes) -> None:
        """Show the player's answer to a command."""
        answer = json.loads(line) if line else {}
        if "refused" in answer:
            self._view.notice(str(answer["refused"]))
        elif text := _DONE.get(str(answer.get("answer"))):
            self._view.notice(text if answer.get("ended", True) else LATER)
        if answer.get("answer") == SUSPEND:
            self._suspend()

    def close(self) -> None:
        """Let Ctrl-Z stop the program at once again."""
        signal.signal(signal.SIGTSTP, self._usual)

    def _press(self, key: str) -> list[Command]:
        shown = self._view.shown
        if key == QUIT.char:
            self._quit()
        elif key in (HELP.char, DETAILS.char):
            self._view.toggle(key)
        elif key == REPAINT:
            self._view.repaint()
        elif key == PAUSE.char:
            return [{"play": shown is not None and shown.paused_at is not None}]
        elif key == NEXT.char:
            return [{"id": "next", "next": None}]
        elif shown is None or shown.current is None:
            return []
        elif key == KEEP.char and KEEP in KEYS:
            return [{"id": "keep", "keep": {"tune": shown.current.phrase.tune}}]
        elif key in STARS.char:
            rating = {"stars": int(key), "tune": shown.current.phrase.tune}
            return [{"id": f"stars {key}", "stars": rating}]
        return []

    def _suspend_soon(self, _signal: int, _frame: FrameType | None) -> None:
        self._suspending = True

    def _suspend(self) -> None:
        """Stop the program as Ctrl-Z usually does; return when it is continued."""
        shown = self._view.shown
        was_playing = shown is not None and shown.paused_at is None
        self._terminal.leave()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._suspend_soon)
        self._suspending = False
        if was_playing:
            self._waiting.append({"play": True})


_DONE = {
    "next": "the next tune is being composed",
    "keep": "this tune is kept",
} | {f"stars {count}": f"rated {'★' * count}{'☆' * (5 - count)}" for count in range(1, 6)}
"""Text for a command that was carried out, by its answer."""
