"""What all tests share.

No test asserts a time: how long an example takes is the machine's affair. Examples are the same in
every run, so that what fails was changed; `make explore` draws others, and more.
"""

import gc

from hypothesis import settings

from benchmarks.support.jack_server import remove_stale_registry

settings.register_profile("perpetuum", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=500)
settings.load_profile("perpetuum")


def pytest_sessionstart():
    """Runs that were killed have left JACK's registry full."""
    remove_stale_registry()


def pytest_runtest_setup():
    """Spare the collections that a performance makes whatever the tests before have left.

    PyTorch keeps hundreds of thousands of objects once it has exported a graph.
    """
    gc.freeze()
