"""A page that two processes map counts once, and memory that is written counts whole."""

import os
import subprocess
import sys

import pytest

from benchmarks.support.resident import megabytes

WRITTEN = 30_000_000
CODE = f"import sys; block = b'x' * {WRITTEN}; print('ready', flush=True); sys.stdin.read()"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the numbers of physical pages")
def test_pages_count_once():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        subprocess.Popen([sys.executable, "-c", CODE], **pipes) as one,
        subprocess.Popen([sys.executable, "-c", CODE], **pipes) as other,
    ):
        for process in (one, other):
            assert process.stdout.readline() == b"ready\n"
        alone, both = megabytes([one.pid]), megabytes([one.pid, other.pid])
        one.stdin.close()
        other.stdin.close()
    assert alone > WRITTEN / 1e6
    assert alone + WRITTEN / 1e6 < both < 2 * alone
