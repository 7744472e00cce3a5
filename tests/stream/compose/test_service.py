"""The process that answers lines of JSON, as whoever started it sees it."""

import subprocess
import sys

import pytest

from tests.stream.compose.conftest import TINY

ASKED = '{"score": []}\n'


@pytest.mark.parametrize("module", ["stream.compose", "stream.compose.queries"])
@pytest.mark.parametrize("heard", [0, 1], ids=["at once", "after its greeting"])
def test_where_whoever_asked_has_gone_it_ends_without_a_word(module, heard):
    """As after a `kill -9` of the player: its end of the pipe is closed."""
    command = [sys.executable, "-m", module, str(TINY)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as child:
        for _ in range(heard):
            assert child.stdout.readline() == '{"ready": true}\n'
        child.stdout.close()
        child.stdin.write(ASKED)
        child.stdin.close()
        assert child.stderr.read() == ""
        assert child.wait(30) == 0
