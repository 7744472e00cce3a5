"""Only the refusal can be tested without ALSA's sequencer; tests/device has a kernel with one."""

import ctypes

import pytest

from stream.errors import SinkError
from stream.midi import alsa_announcements
from stream.midi.alsa_announcements import Announcements


def test_the_event_is_laid_out_as_alsa_has_it():
    # alsa-lib, seq_event.h: type at 0, the data behind 16 bytes of head, 28 bytes in all.
    event = alsa_announcements._Event
    assert (event.type.offset, event.client.offset, event.port.offset) == (0, 16, 17)
    assert ctypes.sizeof(alsa_announcements._PollDescriptor) == 8


class Sequencer:
    """ALSA's, with some announcements waiting: (type, client, port)."""

    def __init__(self, *news):
        self._events = [alsa_announcements._Event(kind, client=c, port=p) for kind, c, p in news]

    def snd_seq_event_input(self, sequencer, event):
        if not self._events:
            return -11
        event._obj.contents = self._events.pop(0)
        return 1


def announcing(*news):
    announcements = Announcements.__new__(Announcements)
    announcements._alsa, announcements._sequencer = Sequencer(*news), None
    return announcements


START, EXIT, PORT_START, PORT_EXIT, PORT_CHANGE = 60, 61, 63, 64, 65


@pytest.mark.parametrize(
    ("news", "came", "gone"),
    [
        ([], False, False),
        # What somebody announces who looks for ports.
        ([(START, 129, 0), (EXIT, 129, 0)], False, False),
        ([(START, 24, 0), (PORT_START, 24, 0), (START, 129, 0)], True, False),
        ([(PORT_CHANGE, 24, 0)], True, False),
        ([(PORT_EXIT, 24, 1), (PORT_EXIT, 25, 0), (EXIT, 25, 0)], False, False),
        ([(PORT_EXIT, 24, 0), (START, 129, 0)], False, True),
        ([(EXIT, 24, 0), (PORT_START, 25, 0)], True, True),
    ],
)
def test_what_came_and_went(news, came, gone):
    announcements = announcing(*news)
    assert announcements.came() is came
    assert announcements.came() is False
    assert announcing(*news).gone(24, 0) is gone


def test_no_library(monkeypatch):
    def missing(name):
        raise OSError(f"{name}: no such file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    with pytest.raises(SinkError, match="sudo apt-get install libasound2"):
        Announcements()
