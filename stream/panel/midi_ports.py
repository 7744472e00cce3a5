"""Which MIDI outputs there are, now and whenever one is plugged in or out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from stream.errors import SinkError
from stream.midi.alsa_announcements import Announcements
from stream.midi.ports import ADDRESS
from stream.midi.quiet_stderr import hush
from stream.midi.survey import Ports, survey

SETTLE_SECONDS = 0.3
"""From an announcement to the survey: a device announces several ports, and names them later."""
CALM_SECONDS = 30.0
"""Between surveys without announcements: JACK announces nothing."""
NOBODY = (-1, -1)


class PortAnnouncements(Protocol):
    """What `Announcements` has to offer here."""

    def fileno(self) -> int: ...
    def gone(self, client: int, port: int) -> bool: ...


@dataclass(frozen=True, slots=True)
class PortWatch:
    """Looks for outputs again whenever `news` can be read; without news, now and then."""

    news: PortAnnouncements | None
    look: Callable[[], Ports] = survey

    async def changes(self) -> AsyncIterator[tuple[str, ...]]:
        """The outputs there are, as `--out` names them: at once, then after each change."""
        known: tuple[str, ...] | None = None
        while True:
            found = names(await asyncio.to_thread(self.look))
            if found != known:
                known = found
                yield found
            await self._next()

    async def _next(self) -> None:
        """Wait until another survey is due."""
        if self.news is None:
            await asyncio.sleep(CALM_SECONDS)
            return
        # A survey is a client that comes and goes, which is announced too, at once: not to us.
        self.news.gone(*NOBODY)
        try:
            await asyncio.wait_for(self._announced(self.news), CALM_SECONDS)
        except TimeoutError:
            return
        await asyncio.sleep(SETTLE_SECONDS)

    async def _announced(self, news: PortAnnouncements) -> None:
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(news.fileno(), readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(news.fileno())


def announcements() -> Announcements | None:
    """ALSA's; None where there is no ALSA."""
    try:
        with hush():
            return Announcements()
    except SinkError:
        return None


def names(ports: Ports) -> tuple[str, ...]:
    """The instruments among the ports, as outputs, each name once."""
    return tuple(dict.fromkeys(f"port:{ADDRESS.sub('', name)}" for name in ports.synthesizers))
