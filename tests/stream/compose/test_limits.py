import pathlib
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[3]
CODE = """
from stream.compose.limits import EXTRA_BYTES, bound_memory
bound_memory()
few = bytearray(EXTRA_BYTES // 2)
try:
    bytearray(EXTRA_BYTES)
except MemoryError:
    print("refused")
"""


def test_more_memory_than_the_bound_is_an_error():
    told = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert told.stdout == "refused\n"


def ended(code):
    """How a process ended that does what the text says, and what it wrote."""
    whole = f"import os\nfrom stream.compose.limits import bound_time, silence_crashes\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", whole], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


def test_more_time_than_the_bound_ends_the_process():
    assert ended("bound_time(0)\nwhile True: pass") == (-signal.SIGXCPU, "", "")
    spin = "import time\nwhile time.process_time() < 1.1: pass\nprint('done')"
    assert ended(f"bound_time(3)\n{spin}") == (0, "done\n", "")


def test_each_bound_takes_the_place_of_the_last():
    told = "import resource\nprint(resource.getrlimit(resource.RLIMIT_CPU)[0])"
    assert ended(f"bound_time(2)\nbound_time(100.5)\n{told}") == (0, "101\n", "")
    lower = "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (7, 7))\n"
    assert ended(f"{lower}bound_time(100)\n{told}") == (0, "7\n", "")


def test_what_a_library_says_as_it_dies_is_not_heard():
    assert ended("silence_crashes()\nos.write(2, b'terminate called')") == (0, "", "")
    code, _, told = ended("silence_crashes()\nimport nothing_of_this_name")
    assert (code, told.splitlines()[-1]) == (
        1,
        "ModuleNotFoundError: No module named 'nothing_of_this_name'",
    )
    cores = "import resource\nprint(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    assert ended(f"silence_crashes()\n{cores}") == (0, "0\n", "")
