"""List MIDI ports of ALSA or JACK, and translate the errors of python-rtmidi.

`MIDO_BACKEND=mido.backends.rtmidi/UNIX_JACK` chooses one of the two systems, as in mido.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from typing import TYPE_CHECKING, Any

from stream.errors import SinkError
from stream.midi.jack_server import ServerWatch, server_watch
from stream.midi.quiet_stderr import quiet_stderr
from stream.util.installation import install_rtmidi

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CLIENT = "Perpetuum"
"""Name of the program among MIDI clients."""
API_NAMES = ("LINUX_ALSA", "UNIX_JACK")
THROUGH = ("Midi Through", "RtMidi", CLIENT)
"""Parts of the names of ports that do not lead to an instrument."""
LISTINGS = 5
"""Attempts to list all ports."""
ADDRESS = re.compile(r" (\d+):(\d+)$")
"""Suffix of a name in ALSA: numbers of client and port, new each time a device is connected."""
LINGER_SECONDS = 0.2
"""Time of several periods, for a server that is late.

A JACK port loses messages that are sent before its connection takes effect, or in its last period
before it closes.
"""


def linger(client: Any) -> None:
    """Wait until JACK has processed the last call; ALSA needs no time."""
    if client.get_current_api() == library().API_UNIX_JACK:
        time.sleep(LINGER_SECONDS)


def server_of(client: Any) -> ServerWatch | None:
    """Return a watch of a client's JACK server; None for a client of ALSA."""
    if client.get_current_api() != library().API_UNIX_JACK:
        return None
    with quiet_stderr():
        return server_watch()


def leads_somewhere(name: str) -> bool:
    """Return True if a port leads to an instrument."""
    return not any(part in name for part in THROUGH)


def choice(names: Sequence[str], part: str, found: str) -> str | None:
    """Return the port that was `found` before, else the first one whose name contains `part`.

    An empty `part` stands for any instrument. Return None if no port fits.
    """
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

    The caller deletes it.
    """
    rtmidi = library()
    for name in apis():
        api = getattr(rtmidi, f"API_{name}")
        if api in rtmidi.get_compiled_api():
            with contextlib.suppress(rtmidi.RtMidiError), quiet_stderr():
                yield getattr(rtmidi, kind)(api, name=CLIENT)


def port_names(client: Any) -> list[str]:
    """Return the names of the ports that `client` may open. Raises `SinkError`."""
    errors = library()
    for _ in range(LISTINGS):
        # A port that comes or goes meanwhile makes the listing fail.
        with contextlib.suppress(errors.InvalidPortError):
            return list(client.get_ports())
    raise SinkError("MIDI ports: the list changes too fast to be read; try again")


def library() -> Any:
    """Return the module rtmidi. Raises `SinkError` if it is missing."""
    try:
        import rtmidi
    except ImportError as error:
        raise SinkError(
            f"MIDI ports: python-rtmidi cannot be loaded ({error}); run: {install_rtmidi()}"
        ) from error
    return rtmidi


@contextlib.contextmanager
def translated(name: str) -> Iterator[None]:
    """Translate errors of python-rtmidi into `SinkError`."""
    try:
        yield
    except library().RtMidiError as error:
        raise SinkError(f"{name}: lost ({error}); connect it again") from error
