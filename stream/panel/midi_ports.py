"""Watcher of the available MIDI outputs, which change when a device is plugged in or out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from stream.errors import SinkError
from stream.midi.alsa_announcements import Announcements
from stream.midi.ports import ADDRESS
from stream.midi.quiet_stderr import quiet_stderr
from stream.midi.survey import Ports, survey

SETTLE_SECONDS = 0.3
"""Pause between an announcement and the survey; a device announces ports before naming them."""
SURVEY_SECONDS = 30.0
"""Interval of surveys without announcements, since JACK announces nothing."""
NO_PORT = (-1, -1)
"""Client and port that do not exist."""


class PortAnnouncements(Protocol):
    """Interface of `Announcements` that is used here."""

    def fileno(self) -> int: ...
    def gone(self, client: int, port: int) -> bool: ...


@dataclass(frozen=True, slots=True)
class PortWatch:
    """Survey of outputs whenever `announced` is readable, or at intervals without it."""

    announced: PortAnnouncements | None
    look: Callable[[], Ports] = survey

    async def changes(self) -> AsyncIterator[tuple[str, ...]]:
        """Yield the available outputs, as `--out` names them, at once and after each change."""
        known: tuple[str, ...] | None = None
        while True:
            found = names(await asyncio.to_thread(self.look))
            if found != known:
                known = found
                yield found
            await self._next()

    async def _next(self) -> None:
        """Wait until the next survey is due."""
        if self.announced is None:
            await asyncio.sleep(SURVEY_SECONDS)
            return
        # The survey itself is announced as a client that comes and goes: discard that.
        self.announced.gone(*NO_PORT)
        try:
            await asyncio.wait_for(self._wait(self.announced), SURVEY_SECONDS)
        except TimeoutError:
            return
        await asyncio.sleep(SETTLE_SECONDS)

    async def _wait(self, announced: PortAnnouncements) -> None:
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(announced.fileno(), readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(announced.fileno())


def announcements() -> Announcements | None:
    """Return the announcements of ALSA, or None without ALSA."""
    try:
        with quiet_stderr():
            return Announcements()
    except SinkError:
        return None


def names(ports: Ports) -> tuple[str, ...]:
    """Return the instruments among the ports as outputs, each name once."""
    return tuple(dict.fromkeys(f"port:{ADDRESS.sub('', name)}" for name in ports.synthesizers))
