"""Settings of all tests.

No test asserts a time, as times depend on the machine. Examples are the same in every run, so that
only a change of the code can make a test fail; `make explore` draws other examples, and more.
"""

import gc

from hypothesis import settings

from benchmarks.support.jack_server import remove_stale_registry

settings.register_profile("perpetuum", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=500)
settings.load_profile("perpetuum")


def pytest_sessionstart():
    """Clean JACK's registry, which killed runs leave full."""
    remove_stale_registry()


def pytest_runtest_setup():
    """Freeze the objects of earlier tests, so that garbage collection in a performance skips them.

    PyTorch holds hundreds of thousands of objects after it has exported a graph.
    """
    gc.freeze()
