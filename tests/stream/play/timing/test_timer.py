import select
import time

from stream.play.timing.timer import Timer


def readable(timer, seconds=0):
    return bool(select.select([timer], [], [], seconds)[0])


def test_it_wakes_at_its_moment_and_not_without_one():
    timer = Timer()
    timer.set(time.monotonic() + 1000)
    assert not readable(timer)
    timer.set(moment := time.monotonic() + 0.01)
    assert readable(timer, 30)
    assert time.monotonic() >= moment
    timer.read()
    timer.read()
    assert not readable(timer)
    timer.set(0.0)
    assert readable(timer, 30)
    timer.set(None)
    assert not readable(timer)
    timer.close()
