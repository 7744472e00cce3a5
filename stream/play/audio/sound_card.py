"""A sound card, or a sound server, through PortAudio: its thread takes what is ready when it wants.

The library is loaded when a card is opened.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from typing import TYPE_CHECKING, Any

from stream.errors import LostError, SinkError
from stream.play.audio.pcm_queue import stereo
from stream.play.sinks.hush import hush

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.play.audio.pcm_queue import PcmQueue

COMMON_RATES = (44_100, 48_000)
MOST_CHANNELS = 2
STILL_SECONDS = 3.0
"""After which a card that takes nothing is lost."""
CLOSE_SECONDS = 2.0
"""Given to it to be closed."""
REMEDY = "connect a sound card, or enable the board's: dtparam=audio=on in config.txt"


class SoundCard:
    """The output whose name holds `part`; the default one if that is empty."""

    def __init__(self, part: str = "") -> None:
        self.name = f"audio:{part}" if part else "audio"
        self.returns = True
        """Whether it may come back once it is lost; not once PortAudio itself hangs."""
        self.underflows = 0
        """Times the card itself was served too late."""
        self._part = part
        self._library: Any = None
        self._stream: Any = None
        self._queue: PcmQueue | None = None
        self._device: dict[str, Any] = {}
        self._seen = (0, 0.0)
        self._gone = False

    def connect(self, rates: Sequence[int]) -> int:
        """Find it; the first of these rates that it takes. Raises `SinkError`."""
        with hush():
            library = self._loaded()
            self._device = self._found(library)
            for rate in rates:
                with contextlib.suppress(library.PortAudioError, ValueError):
                    library.check_output_settings(
                        self._device["index"], self._channels, "int16", samplerate=rate
                    )
                    return rate
        wanted = ", ".join(map(str, rates))
        raise SinkError(f"--out {self.name}: {self._device['name']} takes none of {wanted} Hz")

    def start(self, queue: PcmQueue, now: float) -> None:
        """Let it take from `queue` from now on (s, monotonic). Raises `SinkError`."""
        self._queue, self._seen, self._gone = queue, (queue.pulled, now), False
        with hush():
            try:
                self._stream = self._library.RawOutputStream(
                    samplerate=queue.rate,
                    device=self._device["index"],
                    channels=self._channels,
                    dtype="int16",
                    latency="high",
                    callback=self._serve,
                )
                self._stream.start()
            except (self._library.PortAudioError, ValueError) as error:
                raise SinkError(f"--out {self.name}: can not be opened ({error})") from error

    def tend(self, now: float) -> None:
        """Look after it at `now` (s, monotonic). Raises `SinkError` where it is lost."""
        if self._queue is None:
            return
        if self._queue.pulled != self._seen[0]:
            self._seen = (self._queue.pulled, now)
        if not self._stream.active or now - self._seen[1] > STILL_SECONDS:
            self._gone = True
            raise LostError(f"{self.name}: lost (it takes no more sound); start once more")

    def close(self) -> None:
        """Let it go; again is harmless. A card that is there plays first what it has taken."""
        stream, self._stream, self._queue = self._stream, None, None
        if stream is None:
            return
        # PortAudio waits for ever for a sound server that has died: let another thread do that.
        thread = threading.Thread(target=self._let_go, args=(stream,), daemon=True)
        with hush():
            thread.start()
            thread.join(CLOSE_SECONDS)
        if thread.is_alive():
            self.returns = False
            atexit.unregister(self._library._exit_handler)  # noqa: SLF001 (it would wait as well)

    def _let_go(self, stream: Any) -> None:
        with contextlib.suppress(self._library.PortAudioError):
            (stream.abort if self._gone else stream.stop)()
            stream.close()

    @property
    def _channels(self) -> int:
        return min(int(self._device["max_output_channels"]), MOST_CHANNELS)

    def _loaded(self) -> Any:
        if self._library is not None:
            # PortAudio looks for cards when it is started, and then never again.
            self._library._terminate()  # noqa: SLF001 (there is no other way)
            self._library._initialize()  # noqa: SLF001
            return self._library
        try:
            import sounddevice
        except (ImportError, OSError) as error:  # OSError: PortAudio's library is missing
            raise SinkError(f"--out {self.name}: {error}; 'apt install libportaudio2'") from error
        self._library = sounddevice
        return sounddevice

    def _found(self, library: Any) -> dict[str, Any]:
        try:
            devices = [d for d in library.query_devices() if d["max_output_channels"] > 0]
            default = library.default.device[1]
        except library.PortAudioError as error:
            raise SinkError(f"--out {self.name}: {error}; {REMEDY}") from error
        if not devices:
            raise SinkError(f"--out {self.name}: there is no sound card; {REMEDY}")
        devices.sort(key=lambda device: bool(device["index"] != default))
        for device in devices:
            if self._part.casefold() in device["name"].casefold():
                return dict(device)
        names = ", ".join(device["name"] for device in devices)
        raise SinkError(f"--out {self.name}: no sound card is called so; there are {names}")

    def _serve(self, outdata: Any, frames: int, _time: object, status: Any) -> None:
        """Called by PortAudio's thread."""
        self.underflows += bool(status.output_underflow)
        if self._queue is not None:
            outdata[:] = stereo(self._queue.pull(frames), self._channels)


def rates_for(rate: int) -> tuple[int, ...]:
    """What to ask a card for, for a voice of this rate: best what needs no or a simple filter."""
    whole = [rate * factor for factor in (1, 2, 3, 4, 6, 8) if rate * factor <= max(COMMON_RATES)]
    return tuple(dict.fromkeys((*whole, *COMMON_RATES)))
