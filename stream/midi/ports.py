"""MIDI ports of the system, ALSA's or JACK's: which there are, and the errors of their library.

`MIDO_BACKEND=mido.backends.rtmidi/UNIX_JACK` asks for one of the two, as it does in mido.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from typing import TYPE_CHECKING, Any

from stream.errors import SinkError
from stream.midi.jack_server import ServerWatch, server_watch
from stream.midi.quiet_stderr import hush

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CLIENT = "Perpetuum"
"""What we are called among the other MIDI clients."""
API_NAMES = ("LINUX_ALSA", "UNIX_JACK")
THROUGH = ("Midi Through", "RtMidi", CLIENT)
"""Ports that lead nowhere but back."""
LISTINGS = 5
"""Attempts at a list of all ports."""
ADDRESS = re.compile(r" (\d+):(\d+)$")
"""What ALSA puts behind a name: client and port, other numbers each time it is plugged in."""
LINGER_SECONDS = 0.2
"""A JACK port loses what is sent before its connection takes effect, and what was sent in its last
period when it closes: some periods, for a server that is late itself."""


def linger(client: Any) -> None:
    """Give JACK time for what was just done; ALSA needs none."""
    if client.get_current_api() == library().API_UNIX_JACK:
        time.sleep(LINGER_SECONDS)


def server_of(client: Any) -> ServerWatch | None:
    """What watches the JACK server of a client; None for a client of ALSA."""
    if client.get_current_api() != library().API_UNIX_JACK:
        return None
    with hush():
        return server_watch()


def leads_somewhere(name: str) -> bool:
    """Whether a port leads to an instrument."""
    return not any(part in name for part in THROUGH)


def choice(names: Sequence[str], part: str, found: str) -> str | None:
    """The port that was `found` before, else one whose name holds `part`; empty: an instrument."""
    mine = ADDRESS.sub("", found)
    fitting = [n for n in names if (part.lower() in n.lower() if part else leads_somewhere(n))]
    same = [n for n in fitting if mine and ADDRESS.sub("", n) == mine]
    return next(iter(same + fitting), None)


def apis() -> Sequence[str]:
    """Return the names of the MIDI systems to try, in order."""
    requested = os.environ.get("MIDO_BACKEND", "").partition("/")[2]
    return [requested] if requested in API_NAMES else API_NAMES


def clients(kind: str = "MidiOut") -> Iterator[Any]:
    """Yield a `rtmidi.MidiOut` or `rtmidi.MidiIn` for each MIDI system that runs here.

    The receiver deletes it.
    """
    rtmidi = library()
    for name in apis():
        api = getattr(rtmidi, f"API_{name}")
        if api in rtmidi.get_compiled_api():
            with contextlib.suppress(rtmidi.RtMidiError), hush():
                yield getattr(rtmidi, kind)(api, name=CLIENT)


def port_names(client: Any) -> list[str]:
    """The names of the ports that `client` may open. Raises `SinkError`."""
    errors = library()
    for _ in range(LISTINGS):
        # One that comes or goes meanwhile upsets the listing.
        with contextlib.suppress(errors.InvalidPortError):
            return list(client.get_ports())
    raise SinkError("MIDI ports: they come and go too fast to be listed; start again")


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
        raise SinkError(f"{name}: lost ({error}); connect it again") from error
