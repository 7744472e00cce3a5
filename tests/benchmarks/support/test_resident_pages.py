"""Memory of processes that share pages."""

import mmap
import os
import signal

import pytest

from benchmarks.support import resident_pages
from stream.errors import StreamError

SIZE = 32_000_000


def test_what_is_shared_counts_once():
    try:
        before = resident_pages.megabytes([os.getpid()])
    except StreamError:
        pytest.skip("root alone sees page frames")
    with mmap.mmap(-1, SIZE) as shared:
        shared.write(b"\1" * SIZE)
        alone = resident_pages.megabytes([os.getpid()])
        assert alone - before == pytest.approx(SIZE / 1e6, rel=0.2)
        pid = os.fork()
        if pid == 0:
            shared.read()
            signal.pause()
            os._exit(0)
        both = resident_pages.megabytes([os.getpid(), pid])
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert alone <= both + 1
    assert both - alone < 0.5 * SIZE / 1e6


def test_hidden_frames_are_told(monkeypatch):
    monkeypatch.setattr(resident_pages, "FRAME", 0)
    with pytest.raises(StreamError, match="root"):
        resident_pages.megabytes([os.getpid()])
