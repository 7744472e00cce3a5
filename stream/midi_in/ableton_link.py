"""Following an Ableton Link session by aalink, in a thread of its own with an event loop.

Link knows the beat at every moment, so there is nothing to estimate: four times a beat we say where
it is. Its beats count from whenever the session began; after a start that is shared by the session
they count from there, on the bar that Link launches at.
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
"""Of a session that nobody else is in."""
BAR = 4.0
"""Beats to which starts are aligned."""
TELL_BEATS = 0.25
LONGEST_UNSEEN_BEATS = 0.5
"""A look at the session that came later than this tells nothing of when it began to play."""
PROMPT_SECONDS = 0.02
"""A start or stop is told to us as soon as this."""
READINGS = 3
"""Of clock and beat together, of which the quickest is taken: nothing came between."""

Command = dict[str, Any]


class Session:
    """What the player is told of a session; all is given."""

    def __init__(self) -> None:
        self._origin = 0.0
        """The session's beat that is our beat 0."""
        self._playing = False
        self._peers = 0
        self._seen = 0.0
        """When (s) the session was looked at last."""

    def peers(self, count: int) -> list[Command]:
        """So many others are in the session."""
        before, self._peers = self._peers, count
        if count and not before:
            return [{"notice": "Link: following the session"}]
        return [{"notice": "Link: nobody else is there"}] if before and not count else []

    def told(self, now: float) -> None:
        """By `now` (s) somebody has begun or ended to play, only a moment ago."""
        self._seen = max(self._seen, now - PROMPT_SECONDS)

    def state(self, now: float, beat: float, bpm: float, *, playing: bool) -> list[Command]:
        """At `now` (s) the session is at this beat, at this tempo.

        Alone we lead nobody and nobody leads us.
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
        self._seen = now
        return [*commands, {"follow": {"time": now, "beat": beat - self._origin, "bpm": bpm}}]

    def _launch(self, now: float, beat: float, bpm: float) -> float:
        """The beat, first of a bar, from which a session counts that has begun to play by now.

        That it plays is seen a moment after somebody has said so. If a bar line has passed since
        the session was looked at last, it may have begun there; the music joins it at once.
        """
        downbeat = math.floor(beat / BAR) * BAR
        unseen = min((now - self._seen) * bpm / 60, LONGEST_UNSEEN_BEATS)
        return downbeat if beat - downbeat <= unseen else downbeat + BAR


class LinkThread:
    """Takes part in a session and hands over commands, from its own thread.

    Raises `SettingsError` where aalink is missing.
    """

    def __init__(self, tell: Callable[[Command], None]) -> None:
        self._library = library()
        self._tell = tell
        self._session = Session()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._follow()), daemon=True)

    def start(self) -> None:
        """Join; the thread ends with the process."""
        self._thread.start()

    async def _follow(self) -> None:
        link = self._library.Link(BPM)
        link.quantum = BAR
        link.start_stop_sync_enabled = True
        loop = asyncio.get_running_loop()
        link.set_start_stop_callback(lambda _: loop.call_soon_threadsafe(self._hear, link))
        link.enabled = True
        while True:
            await link.sync(TELL_BEATS)
            self._look(link)

    def _hear(self, link: Any) -> None:
        """Somebody has begun or ended to play: do not wait for the next look."""
        self._session.told(time.monotonic())
        self._look(link)

    def _look(self, link: Any) -> None:
        now, beat = _reading(link)
        commands = self._session.peers(link.num_peers)
        commands += self._session.state(now, beat, link.tempo, playing=link.playing)
        for command in commands:
            self._tell(command)


def _reading(link: Any) -> tuple[float, float]:
    """A moment and the session's beat at it."""
    readings = []
    for _ in range(READINGS):
        before = time.monotonic()
        beat = link.beat
        after = time.monotonic()
        readings.append((after - before, (before + after) / 2, beat))
    _, now, beat = min(readings)
    return now, beat


def library() -> Any:
    """The module aalink. Raises `SettingsError` where it is missing."""
    try:
        import aalink
    except ImportError as error:
        raise SettingsError(
            f"--clock link: aalink cannot be loaded ({error}); run: {install_extra('link')};"
            " or follow a MIDI clock with --clock follow"
        ) from error
    return aalink
