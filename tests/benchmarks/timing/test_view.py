import os
import threading

from benchmarks.timing import view
from benchmarks.timing.view import Count, read, records


def test_the_figures_of_a_terminal():
    stats = {"notes": 100, "late": 0, "lateness_p99_ms": 0.3}
    found = records(Count(200, 60, True, 10.0, 150_000, 0, 100, 0.5, stats))
    assert {record.set for record in found} == {"200x60, slow reader"}
    assert [(record.measure, record.value, record.paper) for record in found[:5]] == [
        ("bytes", 15.0, "at most 20"),
        ("wipes", 0, "0"),
        ("frames", 10.0, None),
        ("bytes of a frame", 1500.0, None),
        ("processor of the player, share of a core", 5.0, None),
    ]


def test_a_slow_reader_pauses_and_loses_nothing(monkeypatch):
    monkeypatch.setattr(view, "PAUSE_SECONDS", 0.1)
    master, slave = os.openpty()
    writer = threading.Thread(target=os.write, args=(slave, b"x" * 3000))
    writer.start()
    told = read(master, view.time.monotonic() + 0.4, is_slow=True)
    writer.join()
    os.close(master)
    os.close(slave)
    assert told == b"x" * 3000
