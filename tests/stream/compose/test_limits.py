import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[3]
CODE = """
from stream.compose.limits import MORE, bound_memory
bound_memory()
few = bytearray(MORE // 2)
try:
    bytearray(MORE)
except MemoryError:
    print("refused")
"""


def test_more_memory_than_the_bound_is_an_error():
    told = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert told.stdout == "refused\n"
