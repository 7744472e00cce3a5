import threading

import pytest

from stream.play.recording import writer_thread
from stream.play.recording.writer_thread import WriterThread


def test_what_waits_is_kept_at_once(monkeypatch):
    """Closing does not wait for the pause between two writes."""
    monkeypatch.setattr(writer_thread, "PAUSE_SECONDS", 1000.0)
    kept, calls = [], threading.Semaphore(0)

    def write(parts):
        kept.append(list(parts))
        calls.release()

    writer = WriterThread(write)
    writer.put(b"a")
    assert calls.acquire(timeout=30)
    for part in (b"b", b"c", b"d"):
        writer.put(part)
    assert not calls.acquire(timeout=0.1)
    writer.close()
    assert kept == [[b"a"], [b"b", b"c", b"d"]]


def test_putting_does_not_wait(monkeypatch):
    kept, release = [], threading.Event()

    def write(parts):
        assert release.wait(30)
        kept.extend(parts)

    writer = WriterThread(write)
    parts = [b"%d" % number for number in range(1000)]
    for part in parts:
        writer.put(part)
    assert kept == []
    release.set()
    writer.close()
    assert kept == parts


def test_an_error_is_told_by_the_next_part_and_at_the_end():
    def write(parts):
        raise OSError(28, "No space left on device")

    writer = WriterThread(write)
    writer.put(b"a")
    writer._thread.join()
    for action in (lambda: writer.put(b"b"), writer.close, writer.close):
        with pytest.raises(OSError, match="No space left"):
            action()
