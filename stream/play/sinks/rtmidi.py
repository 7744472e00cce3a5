"""MIDI ports of the system: ALSA's, or JACK's where there is no ALSA.

`MIDO_BACKEND=mido.backends.rtmidi/UNIX_JACK` asks for one of the two, as it does in mido.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from stream.errors import SinkError
from stream.play.sinks.base import Sink
from stream.play.sinks.hush import hush

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.play.scheduler import TimedMessage

CLIENT = "Perpetuum"
"""What we are called among the other MIDI clients."""
API_NAMES = ("LINUX_ALSA", "UNIX_JACK")


class RtMidiSink(Sink):
    """A port that is open already."""

    def __init__(self, name: str, client: Any) -> None:
        super().__init__(name)
        self._client = client

    def _write(self, timed: TimedMessage) -> None:
        with translated(self.name):
            self._client.send_message(timed.data)

    def _release(self) -> None:
        with hush():
            self._client.delete()


def port_sink(part: str) -> RtMidiSink:
    """The existing output port whose name holds `part`. Raises `SinkError`."""
    known: list[str] = []
    for client in clients():
        names = client.get_ports()
        for index, name in enumerate(names):
            if part.lower() in name.lower():
                with translated(f"port:{name}"), hush():
                    return RtMidiSink(f"port:{name}", client.open_port(index, name="out"))
        known += names
        client.delete()
    there = ", ".join(known) if known else "there are none"
    raise SinkError(
        f"--out port:{part}: no MIDI output has this in its name;"
        f" name a part of one that exists ({there}), or use virtual:NAME",
    )


def virtual_sink(name: str) -> RtMidiSink:
    """A port of our own, to which others connect. Raises `SinkError`."""
    for client in clients():
        with translated(f"virtual:{name}"), hush():
            return RtMidiSink(f"virtual:{name}", client.open_virtual_port(name))
    raise SinkError(
        f"--out virtual:{name}: neither ALSA's sequencer nor a JACK server runs here;"
        " 'modprobe snd-seq', or start jackd",
    )


def clients() -> Iterator[Any]:
    """A `rtmidi.MidiOut` for each MIDI system that answers here. The receiver deletes it."""
    rtmidi = library()
    wished = os.environ.get("MIDO_BACKEND", "").partition("/")[2]
    for name in [wished] if wished in API_NAMES else API_NAMES:
        api = getattr(rtmidi, f"API_{name}")
        if api in rtmidi.get_compiled_api():
            with contextlib.suppress(rtmidi.RtMidiError), hush():
                client = rtmidi.MidiOut(api, name=CLIENT)
                yield client


def library() -> Any:
    """python-rtmidi. Raises `SinkError` where it is missing."""
    try:
        import rtmidi
    except ImportError as error:
        raise SinkError(
            f"MIDI ports: python-rtmidi can not be loaded ({error});"
            " 'pip install python-rtmidi', and 'apt install libasound2'",
        ) from error
    return rtmidi


@contextlib.contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn what python-rtmidi raises into `SinkError`."""
    try:
        yield
    except library().RtMidiError as error:
        raise SinkError(f"{name}: lost ({error}); connect it and start again") from error
