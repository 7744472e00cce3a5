"""Play sound in real time, until a signal, the wished length, or the loss of all outputs."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.errors import SettingsError, SinkError
from stream.play.audio.sound_stats import SoundStats
from stream.play.driver import RealTime
from stream.play.supervisor import Supervisor

if TYPE_CHECKING:
    from pathlib import Path

    from stream.passage import Passage
    from stream.play.audio.pcm_queue import PcmQueue
    from stream.play.audio.programme import SoundProgramme
    from stream.play.audio.sound_link import SoundLink
    from stream.play.audio.sound_log import SoundLog
    from stream.play.audio.sound_outputs import SoundOutputs
    from stream.play.signals import Stop

LOOKAHEAD_SECONDS = 6.0
"""Sound that is kept ready: what a composer may take that is started anew."""
PREFILL_SECONDS = 1.0
"""Sound that is ready before any is heard."""
TICK_SECONDS = 0.05
STATS_SECONDS = 5.0
FAREWELL_SECONDS = 0.3
"""Given to a card to play the fade at the end."""


class Concert:
    """One performance: asks for passages, queues them, and sees to the outputs in between."""

    def __init__(
        self,
        link: SoundLink,
        programme: SoundProgramme,
        queue: PcmQueue,
        outputs: SoundOutputs,
        log: SoundLog,
    ) -> None:
        self.stats = SoundStats()
        self._link = link
        self._programme = programme
        self._queue = queue
        self._outputs = outputs
        self._log = log
        self._last: Passage | None = None

    @property
    def begun(self) -> bool:
        """Whether enough is ready to be heard."""
        return self._queue.seconds >= PREFILL_SECONDS or self._programme.complete

    @property
    def finished(self) -> bool:
        """Whether all has been played that was wished for."""
        return self._programme.complete and (self._queue.finished or self._outputs.absent)

    def start(self, now: float) -> None:
        """Let the outputs take what will be ready. Raises `SinkError`."""
        self._outputs.start(now)

    def hear(self) -> None:
        """Queue what the composer has made. Raises `ComposerError`."""
        for passage in self._link.receive():
            self._programme, samples = self._programme.after(passage)
            self._queue.put(samples)
            self._last = passage
            self._count(passage)
            if passage.opens:
                self._log.tune_began(passage, self.stats)
        if self._programme.complete:
            self._queue.end()

    def ask(self) -> None:
        """Ask for the next passage, unless enough is ready."""
        wanted = self._queue.seconds < LOOKAHEAD_SECONDS and not self._programme.complete
        if wanted and self._link.idle:
            self._link.request(self._programme.request)

    def tend(self, now: float) -> None:
        """See to the outputs, and tell. Raises `SinkError` when nothing can be played any more."""
        self._outputs.tend(now)
        self._tell()
        if self._last is not None:
            self._log.meter(self._last, self.stats)

    def close(self) -> None:
        """Tell what is left to be told."""
        self._outputs.keep()
        self._outputs.close()
        self._tell()

    def save(self, path: Path | None) -> None:
        """Put the counters at `path`. Raises `SettingsError`."""
        if path is None:
            return
        try:
            self.stats.write(path)
        except OSError as error:
            raise SettingsError(
                f"--stats {path}: can not be written ({error.strerror});"
                " name a file in a folder that exists and that you may write to",
            ) from error

    def _count(self, passage: Passage) -> None:
        self.stats.count(passage, self._programme.made / self._programme.rate)
        self.stats.queue_seconds = self._queue.seconds
        if passage.died or passage.ran_away:
            why = "had died" if passage.died else "ran away"
            self._log.notice(f"the sound {why}; the next tune begins")

    def _tell(self) -> None:
        stats, link, outputs = self.stats, self._link, self._outputs
        if link.restarts > stats.restarts:
            self._log.notice(f"{link.fault}; it starts anew")
        if self._queue.underruns > stats.underruns:
            self._log.notice("the sound was not ready in time; there was silence")
        stats.restarts, stats.hangs = link.restarts, link.hangs
        stats.underruns, stats.underflows = self._queue.underruns, outputs.underflows
        stats.sinks_lost, stats.sinks_back = outputs.lost, outputs.back
        stats.queue_seconds = self._queue.seconds
        while outputs.notices:
            self._log.notice(outputs.notices.pop(0))


@dataclass(frozen=True, slots=True)
class Stage:
    """What a performance needs beside itself."""

    link: SoundLink
    queue: PcmQueue
    stop: Stop
    stats: Path | None = None
    """Where to keep the counters."""


def perform(concert: Concert, stage: Stage) -> None:
    """Play, then close everything, whatever happens.

    Raises `SinkError` when nothing can be played any more, `ComposerError` when there never was any
    sound, `SettingsError` when the counters can not be written.
    """
    supervisor = Supervisor()
    with contextlib.ExitStack() as leaving:  # last in, first out
        leaving.callback(stage.link.close)
        leaving.callback(supervisor.close)
        leaving.callback(concert.close)
        leaving.callback(_fade, concert, stage.queue)
        leaving.callback(supervisor.stopping)
        concert.save(stage.stats)
        _run(concert, stage, supervisor)
        concert.save(stage.stats)


def _run(concert: Concert, stage: Stage, supervisor: Supervisor) -> None:
    """Until the end."""
    driver, link = RealTime(), stage.link
    ready, saved = False, driver.now()
    concert.start(saved)
    while not (stage.stop.requested or concert.finished):
        if concert.begun and not ready:
            supervisor.ready()
            ready = True
        wishes = (driver.now() + TICK_SECONDS, link.deadline, supervisor.deadline)
        due = min(at for at in wishes if at is not None)
        if link in driver.wait([stage.stop, *link.files()], due):
            concert.hear()
        link.tend()
        concert.ask()
        now = driver.now()
        concert.tend(now)
        supervisor.feed(now)
        if now >= saved + STATS_SECONDS:
            saved = now
            concert.save(stage.stats)


def _fade(concert: Concert, queue: PcmQueue) -> None:
    """Let the sound end in a fade, not in a click."""
    queue.stop()
    until = time.monotonic() + FAREWELL_SECONDS
    while queue.playing and time.monotonic() < until:
        time.sleep(FAREWELL_SECONDS / 20)
        with contextlib.suppress(SinkError):
            concert.tend(time.monotonic())
