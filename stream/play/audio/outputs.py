"""Where sound goes: what takes it, a card or time itself, and files that keep what was taken."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from stream.errors import SettingsError, SinkError
from stream.play.audio.null_device import NullDevice
from stream.play.audio.sound_card import SoundCard
from stream.play.audio.wave_file import WaveFile
from stream.util.event_wait import earliest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.play.audio.pcm_queue import PcmQueue
    from stream.util.event_wait import File

FORMS = "audio[:PART], file:PATH.wav, null"
RETRY_SECONDS = 2.0
"""Between two looks for a card that is lost."""
KEEP_SECONDS = 1.0
"""Of sound that a power cut may cost a file."""


class AudioDevice(Protocol):
    """What the sound is played by."""

    name: str
    returns: bool
    """Whether it may come back once it is lost."""

    @property
    def underflows(self) -> int: ...

    @property
    def deadline(self) -> float | None: ...

    def files(self) -> Sequence[File]: ...

    def connect(self, rates: Sequence[int]) -> int: ...

    def start(self, queue: PcmQueue, now: float) -> None: ...

    def tend(self, now: float) -> None: ...

    def close(self) -> None: ...


def chosen(specs: Sequence[str]) -> tuple[AudioDevice, tuple[Path, ...]]:
    """What the outputs `specs` mean: none is the sound card. Raises `SettingsError`."""
    cards = [spec for spec in specs or ("audio",) if spec.partition(":")[0] == "audio"]
    if len(cards) > 1:
        raise SettingsError(f"--out {cards[1]}: sound goes to one card; give audio once")
    files = tuple(recording(spec) for spec in specs if spec.partition(":")[0] == "file")
    for spec in specs:
        if spec.partition(":")[0] not in {"audio", "file"} and spec != "null":
            raise SettingsError(f"--out {spec}: this voice makes sound, no notes; use {FORMS}")
    if cards:
        return SoundCard(cards[0].partition(":")[2]), files
    return NullDevice(specs[0]), files


def recording(spec: str) -> Path:
    """The file of `file:PATH.wav`. Raises `SettingsError`."""
    path = Path(spec.partition(":")[2])
    if path.suffix.lower() != ".wav":
        raise SettingsError(
            f"--out {spec}: this voice makes sound, no notes; write file:NAME.wav",
        )
    return path


class AudioOutputs:
    """Plays from a queue; looks for a card that is lost, and goes on when it is back."""

    def __init__(self, taker: AudioDevice, files: Sequence[WaveFile], queue: PcmQueue) -> None:
        self.lost = 0
        self.back = 0
        self.notices: list[str] = []
        """What the listener should know; whoever tells it takes it out."""
        self._taker = taker
        self._files = list(files)
        self._queue = queue
        self._retry: float | None = None
        self._keep_at = 0.0
        if files:
            queue.keep()

    @property
    def underflows(self) -> int:
        return self._taker.underflows

    @property
    def absent(self) -> bool:
        """Whether nothing takes the sound now."""
        return self._retry is not None

    @property
    def deadline(self) -> float | None:
        """When `tend` is due, whatever the files say (s, monotonic); None: when they say so."""
        if self._retry is not None:
            return self._retry
        taken = self._taker.deadline
        return earliest(taken, self._keep_at if self._files else None)

    def files(self) -> Sequence[File]:
        """Readable when `tend` is to be called."""
        return self._taker.files()

    def wait(self) -> None:
        """The card is not there yet: look for it from the start on."""
        self._retry = 0.0

    def start(self, now: float) -> None:
        """Play from now on (s, monotonic), what is there. Raises `SinkError`."""
        self._keep_at = now + KEEP_SECONDS
        if self._retry is None:
            self._taker.start(self._queue, now)

    def tend(self, now: float) -> None:
        """See to all at `now` (s, monotonic). Raises `SinkError` when the last one is lost."""
        if self._retry is None:
            try:
                self._taker.tend(now)
            except SinkError as error:
                self._drop(error, now)
        elif now >= self._retry:
            self._seek(now)
        self._keep_at = now + KEEP_SECONDS
        self.keep()

    def keep(self) -> None:
        """Write down what was played."""
        heard = self._queue.heard()
        for file in tuple(self._files):
            try:
                file.write(heard)
            except SinkError as error:
                file.close()
                self._files.remove(file)
                self.notices.append(str(error))

    def close(self) -> None:
        """Let all go."""
        self._taker.close()
        for file in self._files:
            file.close()
        self._files.clear()

    def _drop(self, error: SinkError, now: float) -> None:
        self.lost += 1
        self._taker.close()
        if not self._taker.returns:
            raise error
        self.notices.append(str(error))
        self._retry = now + RETRY_SECONDS

    def _seek(self, now: float) -> None:
        self._retry = now + RETRY_SECONDS
        with contextlib.suppress(SinkError):
            self._taker.connect((self._queue.rate,))
            self._taker.start(self._queue, now)
            self._retry = None
            self.back += 1
            self.notices.append(f"{self._taker.name}: there")
