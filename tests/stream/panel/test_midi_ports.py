import asyncio
import os

import pytest

from stream.midi.survey import Ports
from stream.panel import midi_ports
from stream.panel.midi_ports import PortWatch, names

SYNTH = "UM-ONE:UM-ONE MIDI 1 24:0"
THROUGH = "Midi Through:Midi Through Port-0 14:0"


class News:
    """Announcements, of which each is a byte in a pipe."""

    def __init__(self):
        self.end, self.begin = os.pipe()

    def fileno(self):
        return self.end

    def gone(self, client, port):
        os.set_blocking(self.end, False)
        try:
            os.read(self.end, 4096)
        except BlockingIOError:
            return False
        return False

    def announce(self):
        os.write(self.begin, b"x")


@pytest.fixture
def news(monkeypatch):
    monkeypatch.setattr(midi_ports, "SETTLE_SECONDS", 0.01)
    found = News()
    yield found
    os.close(found.end)
    os.close(found.begin)


def test_outputs_are_named_without_the_numbers_that_change():
    ports = Ports((THROUGH, SYNTH, "UM-ONE:UM-ONE MIDI 1 28:0"), "")
    assert names(ports) == ("port:UM-ONE:UM-ONE MIDI 1",)


def test_what_is_plugged_in_appears_and_goes(news):
    there = []

    def look():
        return Ports(tuple(there), "")

    async def run():
        found = []
        async for ports in PortWatch(news, look).changes():
            found.append(ports)
            there[:] = [] if there else [SYNTH]
            asyncio.get_running_loop().call_later(0.05, news.announce)
            if len(found) == 3:
                break
        return found

    assert asyncio.run(run()) == [(), ("port:UM-ONE:UM-ONE MIDI 1",), ()]


@pytest.mark.parametrize("with_news", [True, False])
def test_without_announcements_it_is_looked_now_and_then(news, monkeypatch, with_news):
    monkeypatch.setattr(midi_ports, "SURVEY_SECONDS", 0.01)
    looks = iter([(), (), (SYNTH,)])

    async def run():
        watch = PortWatch(news if with_news else None, lambda: Ports(next(looks), ""))
        changes = watch.changes()
        return [await anext(changes), await anext(changes)]

    assert asyncio.run(run()) == [(), ("port:UM-ONE:UM-ONE MIDI 1",)]
