"""Outputs of sound: a device, and files that store what the device has taken."""

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
"""Seconds between two attempts to find a lost card."""
SAVE_SECONDS = 1.0
"""Seconds of sound that a power cut may cost a file."""


class AudioDevice(Protocol):
    """Plays sound."""

    name: str
    may_return: bool
    """True if it may be connected again after it was lost."""

    @property
    def underflows(self) -> int: ...

    @property
    def deadline(self) -> float | None: ...

    def files(self) -> Sequence[File]: ...

    def connect(self, rates: Sequence[int]) -> int: ...

    def start(self, queue: PcmQueue, now: float) -> None: ...

    def maintain(self, now: float) -> None: ...

    def close(self) -> None: ...


def parse_outputs(specs: Sequence[str]) -> tuple[AudioDevice, tuple[Path, ...]]:
    """Return the device and files of the outputs `specs`; the default is the sound card.

    Raises `SettingsError`.
    """
    cards = [spec for spec in specs or ("audio",) if spec.partition(":")[0] == "audio"]
    if len(cards) > 1:
        raise SettingsError(f"--out {cards[1]}: sound is played by one card; give audio once")
    files = tuple(wave_path(spec) for spec in specs if spec.partition(":")[0] == "file")
    for spec in specs:
        if spec.partition(":")[0] not in {"audio", "file"} and spec != "null":
            raise SettingsError(f"--out {spec}: this voice makes sound, not notes; use {FORMS}")
    if cards:
        return SoundCard(cards[0].partition(":")[2]), files
    return NullDevice(specs[0]), files


def wave_path(spec: str) -> Path:
    """Return the file of `file:PATH.wav`. Raises `SettingsError`."""
    path = Path(spec.partition(":")[2])
    if path.suffix.lower() != ".wav":
        raise SettingsError(
            f"--out {spec}: this voice makes sound, not notes; write file:NAME.wav",
        )
    return path


class AudioOutputs:
    """Plays from a queue; reconnects a lost card, and continues with it."""

    def __init__(self, device: AudioDevice, files: Sequence[WaveFile], queue: PcmQueue) -> None:
        self.lost = 0
        self.reconnected = 0
        self.notices: list[str] = []
        """Messages for the listener; the reader removes them."""
        self._device = device
        self._files = list(files)
        self._queue = queue
        self._retry: float | None = None
        self._save_at = 0.0
        if files:
            queue.record()

    @property
    def underflows(self) -> int:
        return self._device.underflows

    @property
    def absent(self) -> bool:
        """True while no device takes the sound."""
        return self._retry is not None

    @property
    def deadline(self) -> float | None:
        """Time at which `maintain` is due even if no file is readable (s, monotonic), or None."""
        if self._retry is not None:
            return self._retry
        device_at = self._device.deadline
        return earliest(device_at, self._save_at if self._files else None)

    def files(self) -> Sequence[File]:
        """Return the files on which `maintain` is to be called when they are readable."""
        return self._device.files()

    def wait(self) -> None:
        """Start without the card; `maintain` looks for it."""
        self._retry = 0.0

    def start(self, now: float) -> None:
        """Play from `now` on (s, monotonic). Raises `SinkError`."""
        self._save_at = now + SAVE_SECONDS
        if self._retry is None:
            self._device.start(self._queue, now)

    def maintain(self, now: float) -> None:
        """Maintain device and files at `now` (s, monotonic). Raises `SinkError` if none is left."""
        if self._retry is None:
            try:
                self._device.maintain(now)
            except SinkError as error:
                self._drop(error, now)
        elif now >= self._retry:
            self._try_connecting(now)
        self._save_at = now + SAVE_SECONDS
        self.save()

    def save(self) -> None:
        """Write what was played to the files."""
        played = self._queue.recorded()
        for file in tuple(self._files):
            try:
                file.write(played)
            except SinkError as error:
                file.close()
                self._files.remove(file)
                self.notices.append(str(error))

    def close(self) -> None:
        """Close the device and all files."""
        self._device.close()
        for file in self._files:
            file.close()
        self._files.clear()

    def _drop(self, error: SinkError, now: float) -> None:
        self.lost += 1
        self._device.close()
        if not self._device.may_return:
            raise error
        self.notices.append(str(error))
        self._retry = now + RETRY_SECONDS

    def _try_connecting(self, now: float) -> None:
        self._retry = now + RETRY_SECONDS
        with contextlib.suppress(SinkError):
            self._device.connect((self._queue.rate,))
            self._device.start(self._queue, now)
            self._retry = None
            self.reconnected += 1
            self.notices.append(f"{self._device.name}: connected")
