"""Follows an Ableton Link session by aalink, in a thread with an event loop of its own.

Link provides the beat at any time, so nothing is estimated: a command with the beat goes to the
player four times a beat. Its beats count from the beginning of the session; after a start that the
session shares, they count from the bar at which Link launches it.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable
from typing import Any

from stream.errors import SettingsError
from stream.util.installation import install_extra

BPM = 120.0
"""Tempo of a session without peers."""
BAR = 4.0
"""Beats of a bar, to which starts are aligned."""
UPDATE_BEATS = 0.25
"""Beats between two commands."""
LONGEST_GAP_BEATS = 0.5
"""Beats between two readings of the session beyond which the time of a start is unknown."""
NOTIFICATION_SECONDS = 0.02
"""Longest delay with which Link reports a start or a stop (s)."""
READINGS = 3
"""Number of readings of clock and beat, of which the quickest is used as the least disturbed."""

Command = dict[str, Any]


class LinkSession:
    """Turns the states of a session into commands; the caller gives all values."""

    def __init__(self) -> None:
        self._origin = 0.0
        """Beat of the session that is beat 0 of the music."""
        self._playing = False
        self._peers = 0
        self._read_at = 0.0
        """Time of the last reading of the session (s)."""

    def peers(self, count: int) -> list[Command]:
        """Return the notices for the number of peers in the session."""
        before, self._peers = self._peers, count
        if count and not before:
            return [{"notice": "Link: following the session"}]
        return (
            [{"notice": "Link: the last peer has left the session"}] if before and not count else []
        )

    def note_change(self, now: float) -> None:
        """Note at `now` (s) that a peer has just started or stopped."""
        self._read_at = max(self._read_at, now - NOTIFICATION_SECONDS)

    def state(self, now: float, beat: float, bpm: float, *, playing: bool) -> list[Command]:
        """Return the commands for a session that is at this beat and tempo at `now` (s).

        Without peers, return none.
        """
        if not self._peers:
            return []
        commands: list[Command] = []
        if playing and not self._playing:
            self._origin = self._launch(now, beat, bpm)
            commands.append({"start": now + (self._origin - beat) * 60 / bpm})
        elif self._playing and not playing:
            commands.append({"stop": True})
        self._playing = playing
        self._read_at = now
        return [*commands, {"follow": {"time": now, "beat": beat - self._origin, "bpm": bpm}}]

    def _launch(self, now: float, beat: float, bpm: float) -> float:
        """Return the beat, first of a bar, at which a session that plays by `now` (s) has started.

        A start is noticed shortly after it was requested. If a bar line has passed since the
        last reading, the session may have started there; the music then joins at once.
        """
        downbeat = math.floor(beat / BAR) * BAR
        gap = min((now - self._read_at) * bpm / 60, LONGEST_GAP_BEATS)
        return downbeat if beat - downbeat <= gap else downbeat + BAR


class LinkThread:
    """Takes part in a session, and sends commands from its own thread.

    Raises `SettingsError` if aalink is missing.
    """

    def __init__(self, send: Callable[[Command], None]) -> None:
        self._library = library()
        self._send = send
        self._session = LinkSession()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._follow()), daemon=True)

    def start(self) -> None:
        """Join the session; the thread ends with the process."""
        self._thread.start()

    async def _follow(self) -> None:
        link = self._library.Link(BPM)
        link.quantum = BAR
        link.start_stop_sync_enabled = True
        loop = asyncio.get_running_loop()
        link.set_start_stop_callback(lambda _: loop.call_soon_threadsafe(self._on_start_stop, link))
        link.enabled = True
        while True:
            await link.sync(UPDATE_BEATS)
            self._read(link)

    def _on_start_stop(self, link: Any) -> None:
        """Read the session at once when a peer has started or stopped."""
        self._session.note_change(time.monotonic())
        self._read(link)

    def _read(self, link: Any) -> None:
        now, beat = _reading(link)
        commands = self._session.peers(link.num_peers)
        commands += self._session.state(now, beat, link.tempo, playing=link.playing)
        for command in commands:
            self._send(command)


def _reading(link: Any) -> tuple[float, float]:
    """Return a time (s, monotonic) and the beat of the session at that time."""
    readings = []
    for _ in range(READINGS):
        before = time.monotonic()
        beat = link.beat
        after = time.monotonic()
        readings.append((after - before, (before + after) / 2, beat))
    _, now, beat = min(readings)
    return now, beat


def library() -> Any:
    """Return the module aalink. Raises `SettingsError` if it is missing."""
    try:
        import aalink
    except ImportError as error:
        raise SettingsError(
            f"--clock link: aalink cannot be loaded ({error}); run: {install_extra('link')};"
            " or follow a MIDI clock with --clock follow"
        ) from error
    return aalink
