import asyncio

from stream.panel.rate_limit import RateLimit


class Time:
    """A loop's clock; sleep is done at once and adds up."""

    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr(asyncio, "sleep", self.sleep)
        monkeypatch.setattr(asyncio, "get_running_loop", lambda: self)

    def time(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(round(seconds, 6))

    def turns(self, pace, count):
        """How long each of so many, who come now, waits (s)."""
        self.slept = []

        async def run():
            waits = []
            for _ in range(count):
                before = len(self.slept)
                await pace.turn()
                waits.append(sum(self.slept[before:]))
            return waits

        coroutine = run()
        try:
            while True:
                coroutine.send(None)
        except StopIteration as end:
            return end.value


def test_some_go_at_once_and_the_rest_in_turn(monkeypatch):
    time = Time(monkeypatch)
    pace = RateLimit(10, 3)
    assert time.turns(pace, 6) == [0, 0, 0, 0.1, 0.2, 0.3]
    time.now += 0.3
    assert time.turns(pace, 2) == [0.1, 0.2]
    time.now += 0.4
    assert time.turns(pace, 4) == [0, 0, 0.1, 0.2]
    time.now += 1000
    assert time.turns(pace, 4) == [0, 0, 0, 0.1]
