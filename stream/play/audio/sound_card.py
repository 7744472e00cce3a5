"""A sound card or sound server, through PortAudio: its thread takes the sound that is ready.

The library is loaded when a card is opened.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from typing import TYPE_CHECKING, Any

from stream.errors import LostError, SinkError
from stream.midi.quiet_stderr import quiet_stderr
from stream.play.audio.card_feed import CardFeed
from stream.util.installation import install_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.play.audio.pcm_queue import PcmQueue
    from stream.util.event_wait import File

COMMON_RATES = (44_100, 48_000)
"""Rates in Hz that nearly every card accepts."""
HIGH_RATES = (88_200, 96_000, 176_400, 192_000)
"""Rates in Hz that are the only ones some cards accept."""
REPEATS = (1, 2, 4)
"""Number of times that each frame can be played.

Repeating adds only inaudible frequencies. It is for a card that is connected after the rate of
the sound was chosen."""
FACTORS = (1, 2, 3, 4, 6, 8, 12, 16, 24)
"""Factors of a voice's rate for which the resampling filter is a simple one."""
MOST_CHANNELS = 2
STALL_SECONDS = 3.0
"""Seconds without progress after which a card counts as lost."""
LOOK_SECONDS = 0.5
"""Longest time between two checks in seconds: PortAudio does not report a server's end."""
CLOSE_SECONDS = 2.0
"""Seconds that the stream gets to close."""
REMEDY = "connect a sound card, or enable the board's: dtparam=audio=on in config.txt"


class SoundCard:
    """The output whose name contains `part`; the default one if that is empty."""

    def __init__(self, part: str = "") -> None:
        self.name = f"audio:{part}" if part else "audio"
        self.may_return = True
        """True if a lost card may be connected again; false once PortAudio itself hangs."""
        self._part = part
        self._library: Any = None
        self._stream: Any = None
        self._feed: CardFeed | None = None
        self._maintained_at = 0.0
        self._last_served = (0, 0.0)
        """Number of requests for sound when it last grew, and the time (s)."""
        self._device: dict[str, Any] = {}
        self._underflows = 0
        self._is_lost = False
        self._repeats = 1
        """Number of times that each frame is played."""

    @property
    def underflows(self) -> int:
        """Times the card was served too late."""
        return self._underflows + (self._feed.underflows if self._feed else 0)

    @property
    def deadline(self) -> float | None:
        """Latest time of the next check (s, monotonic); None: it is closed."""
        return self._maintained_at + LOOK_SECONDS if self._feed else None

    def files(self) -> list[File]:
        """Return the file that is readable after a transition of the queue, or a loss."""
        return [self._feed] if self._feed else []

    def connect(self, rates: Sequence[int]) -> int:
        """Find the card; return the first of these rates that it accepts, or a high multiple of it.

        Raises `SinkError`.
        """
        with quiet_stderr():
            library = self._load()
            self._device = self._find_device(library)
            for repeats in REPEATS:
                for rate in rates:
                    is_allowed = repeats == 1 or repeats * rate in HIGH_RATES
                    if is_allowed and self._accepts(repeats * rate):
                        self._repeats = repeats
                        return rate
        tried = ", ".join(map(str, rates))
        raise SinkError(f"--out {self.name}: {self._device['name']} accepts none of {tried} Hz")

    def _accepts(self, rate: int) -> bool:
        library = self._library
        with contextlib.suppress(library.PortAudioError, ValueError):
            library.check_output_settings(
                self._device["index"], self._channels, "int16", samplerate=rate
            )
            return True
        return False

    def start(self, queue: PcmQueue, now: float) -> None:
        """Play from `queue` from now on (s, monotonic). Raises `SinkError`."""
        self._feed, self._is_lost = CardFeed(queue, self._channels, self._repeats), False
        self._maintained_at, self._last_served = now, (0, now)
        try:
            with quiet_stderr():
                self._stream = self._open(self._feed, self._repeats * queue.rate)
                self._stream.start()
        except (self._library.PortAudioError, ValueError) as error:
            self.close()
            raise SinkError(f"--out {self.name}: cannot be opened ({error})") from error

    def maintain(self, now: float) -> None:
        """Check the card at `now` (s, monotonic). Raises `SinkError` if it is lost."""
        if (feed := self._feed) is None:
            return
        feed.clear()
        self._maintained_at = now
        if feed.served != self._last_served[0]:
            self._last_served = (feed.served, now)
        # PortAudio may report the end before it calls the stream inactive.
        if feed.ended or not self._stream.active or now >= self._last_served[1] + STALL_SECONDS:
            self._is_lost = True
            raise LostError(f"{self.name}: lost (it takes no more sound); restart it")

    def close(self) -> None:
        """Close the card after the sound it has taken; calling it again is harmless."""
        stream, feed, self._stream, self._feed = self._stream, self._feed, None, None
        if feed is None:
            return
        self._underflows += feed.underflows
        feed.mute()
        if stream is not None and not self._stopped(stream):
            return  # its thread may still use the eventfd
        feed.close()

    def _open(self, feed: CardFeed, rate: int) -> Any:
        return self._library.RawOutputStream(
            samplerate=rate,
            device=self._device["index"],
            channels=self._channels,
            dtype="int16",
            latency="high",
            callback=feed.serve,
            finished_callback=feed.finish,
        )

    def _stopped(self, stream: Any) -> bool:
        """Return True if the stream could be stopped."""
        # PortAudio waits forever for a sound server that has crashed, so another thread does it.
        thread = threading.Thread(target=self._stop, args=(stream,), daemon=True)
        with quiet_stderr():
            thread.start()
            thread.join(CLOSE_SECONDS)
        if thread.is_alive():
            self.may_return = False
            atexit.unregister(self._library._exit_handler)  # noqa: SLF001 (it would wait as well)
        return self.may_return

    def _stop(self, stream: Any) -> None:
        with contextlib.suppress(self._library.PortAudioError):
            (stream.abort if self._is_lost else stream.stop)()
            stream.close()

    @property
    def _channels(self) -> int:
        return min(int(self._device["max_output_channels"]), MOST_CHANNELS)

    def _load(self) -> Any:
        if self._library is not None:
            # PortAudio looks for cards only when it is initialized.
            self._library._terminate()  # noqa: SLF001 (no public function exists)
            self._library._initialize()  # noqa: SLF001
            return self._library
        try:
            import sounddevice
        except (ImportError, OSError) as error:  # OSError: PortAudio's library is missing
            remedy = install_missing(error, "sounddevice", "libportaudio2")
            raise SinkError(f"--out {self.name}: {error}; run: {remedy}") from error
        self._library = sounddevice
        return sounddevice

    def _find_device(self, library: Any) -> dict[str, Any]:
        try:
            devices = [
                device for device in library.query_devices() if device["max_output_channels"] > 0
            ]
            default = library.default.device[1]
        except library.PortAudioError as error:
            raise SinkError(f"--out {self.name}: {error}; {REMEDY}") from error
        if not devices:
            raise SinkError(f"--out {self.name}: no sound card was found; {REMEDY}")
        devices.sort(key=lambda device: bool(device["index"] != default))
        for device in devices:
            if self._part.casefold() in device["name"].casefold():
                return dict(device)
        names = ", ".join(device["name"] for device in devices)
        raise SinkError(f"--out {self.name}: no sound card has this name; use one of {names}")


def rates_for(rate: int) -> tuple[int, ...]:
    """Return the rates to try for a voice of this rate, the simplest resampling first.

    High rates come last: they cost more, without an audible gain.
    """
    multiples = [rate * factor for factor in FACTORS]
    common = [multiple for multiple in multiples if multiple <= max(COMMON_RATES)]
    high = [multiple for multiple in multiples if multiple in HIGH_RATES]
    return tuple(dict.fromkeys((rate, *common, *COMMON_RATES, *high, *HIGH_RATES)))


def awaited_rate(rate: int) -> int:
    """Return the rate to expect of a card that is not connected yet, for a voice of this rate."""
    return max(multiple for multiple in rates_for(rate) if multiple <= max(rate, *COMMON_RATES))
