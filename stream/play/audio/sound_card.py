"""A sound card, or a sound server, through PortAudio: its thread takes what is ready when it wants.

The library is loaded when a card is opened.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from typing import TYPE_CHECKING, Any

from stream.errors import LostError, SinkError
from stream.midi.quiet_stderr import hush
from stream.play.audio.card_feed import CardFeed
from stream.util.installation import install_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.play.audio.pcm_queue import PcmQueue
    from stream.util.event_wait import File

COMMON_RATES = (44_100, 48_000)
"""What nearly every card takes ..."""
HIGH_RATES = (88_200, 96_000, 176_400, 192_000)
"""... and what some take alone."""
REPEATS = (1, 2, 4)
"""How often a frame may be played. What that adds lies beyond what is heard; it is for a card that
comes when the sound is made at another rate already."""
FACTORS = (1, 2, 3, 4, 6, 8, 12, 16, 24)
"""Of a voice's rate: from one to the other the filter is a simple one."""
MOST_CHANNELS = 2
STILL_SECONDS = 3.0
"""After which a card that takes nothing is lost."""
LOOK_SECONDS = 0.5
"""At most between two looks: PortAudio does not tell of the end of a sound server."""
CLOSE_SECONDS = 2.0
"""Given to it to be closed."""
REMEDY = "connect a sound card, or enable the board's: dtparam=audio=on in config.txt"


class SoundCard:
    """The output whose name holds `part`; the default one if that is empty."""

    def __init__(self, part: str = "") -> None:
        self.name = f"audio:{part}" if part else "audio"
        self.returns = True
        """Whether it may come back once it is lost; not once PortAudio itself hangs."""
        self._part = part
        self._library: Any = None
        self._stream: Any = None
        self._feed: CardFeed | None = None
        self._looked = 0.0
        self._seen = (0, 0.0)
        """How often it had been served when that was last seen to grow, and when (s)."""
        self._device: dict[str, Any] = {}
        self._underflows = 0
        self._gone = False
        self._times = 1
        """How often each frame is played."""

    @property
    def underflows(self) -> int:
        """Times the card itself was served too late."""
        return self._underflows + (self._feed.underflows if self._feed else 0)

    @property
    def deadline(self) -> float | None:
        """When to look after it, unless that is done before (s, monotonic); None: it is closed."""
        return self._looked + LOOK_SECONDS if self._feed else None

    def files(self) -> list[File]:
        """What is readable when the queue has turned, or the card has gone."""
        return [self._feed] if self._feed else []

    def connect(self, rates: Sequence[int]) -> int:
        """Find it; the first of these rates that it takes, itself or a high multiple of it.

        Raises `SinkError`.
        """
        with hush():
            library = self._loaded()
            self._device = self._found(library)
            for times in REPEATS:
                for rate in rates:
                    high = times == 1 or times * rate in HIGH_RATES
                    if high and self._takes(times * rate):
                        self._times = times
                        return rate
        wanted = ", ".join(map(str, rates))
        raise SinkError(f"--out {self.name}: {self._device['name']} takes none of {wanted} Hz")

    def _takes(self, rate: int) -> bool:
        library = self._library
        with contextlib.suppress(library.PortAudioError, ValueError):
            library.check_output_settings(
                self._device["index"], self._channels, "int16", samplerate=rate
            )
            return True
        return False

    def start(self, queue: PcmQueue, now: float) -> None:
        """Let it take from `queue` from now on (s, monotonic). Raises `SinkError`."""
        self._feed, self._gone = CardFeed(queue, self._channels, self._times), False
        self._looked, self._seen = now, (0, now)
        try:
            with hush():
                self._stream = self._opened(self._feed, self._times * queue.rate)
                self._stream.start()
        except (self._library.PortAudioError, ValueError) as error:
            self.close()
            raise SinkError(f"--out {self.name}: can not be opened ({error})") from error

    def tend(self, now: float) -> None:
        """Look after it at `now` (s, monotonic). Raises `SinkError` where it is lost."""
        if (feed := self._feed) is None:
            return
        feed.attend()
        self._looked = now
        if feed.served != self._seen[0]:
            self._seen = (feed.served, now)
        # PortAudio may tell of the end before it calls the stream inactive.
        if feed.ended or not self._stream.active or now >= self._seen[1] + STILL_SECONDS:
            self._gone = True
            raise LostError(f"{self.name}: lost (it takes no more sound); start once more")

    def close(self) -> None:
        """Let it go; again is harmless. A card that is there plays first what it has taken."""
        stream, feed, self._stream, self._feed = self._stream, self._feed, None, None
        if feed is None:
            return
        self._underflows += feed.underflows
        feed.mute()
        if stream is not None and not self._ended(stream):
            return  # its thread may yet ring
        feed.close()

    def _opened(self, feed: CardFeed, rate: int) -> Any:
        return self._library.RawOutputStream(
            samplerate=rate,
            device=self._device["index"],
            channels=self._channels,
            dtype="int16",
            latency="high",
            callback=feed.serve,
            finished_callback=feed.finish,
        )

    def _ended(self, stream: Any) -> bool:
        """Whether the stream could be ended."""
        # PortAudio waits for ever for a sound server that has died: let another thread do that.
        thread = threading.Thread(target=self._let_go, args=(stream,), daemon=True)
        with hush():
            thread.start()
            thread.join(CLOSE_SECONDS)
        if thread.is_alive():
            self.returns = False
            atexit.unregister(self._library._exit_handler)  # noqa: SLF001 (it would wait as well)
        return self.returns

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
            remedy = install_missing(error, "sounddevice", "libportaudio2")
            raise SinkError(f"--out {self.name}: {error}; run: {remedy}") from error
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


def rates_for(rate: int) -> tuple[int, ...]:
    """What to ask a card for, for a voice of this rate: best what needs no or a simple filter.

    High rates come last: they cost more, and nobody hears them.
    """
    whole = [rate * factor for factor in FACTORS]
    usual = [found for found in whole if found <= max(COMMON_RATES)]
    high = [found for found in whole if found in HIGH_RATES]
    return tuple(dict.fromkeys((rate, *usual, *COMMON_RATES, *high, *HIGH_RATES)))


def awaited_rate(rate: int) -> int:
    """What a card is expected to take that is not there yet, for a voice of this rate."""
    return max(found for found in rates_for(rate) if found <= max(rate, *COMMON_RATES))
