"""Without ALSA's sequencer only the refusal can be seen; tests/device has a kernel with one."""

import ctypes

import pytest

from stream.errors import SinkError
from stream.play.sinks import announce
from stream.play.sinks.announce import Announcements


def test_the_event_is_laid_out_as_alsa_has_it():
    # alsa-lib, seq_event.h: type at 0, the data behind 16 bytes of head, 28 bytes in all.
    assert (announce._Event.type.offset, announce._Event.client.offset) == (0, 16)
    assert announce._Event.port.offset == 17
    assert ctypes.sizeof(announce._PollDescriptor) == 8


def test_no_library(monkeypatch):
    def missing(name):
        raise OSError(f"{name}: no such file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    with pytest.raises(SinkError, match="apt install libasound2"):
        Announcements()
