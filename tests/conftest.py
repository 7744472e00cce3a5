"""No test asserts a time: how long an example takes is the machine's affair."""

import gc

from hypothesis import settings

settings.register_profile("perpetuum", deadline=None)
settings.load_profile("perpetuum")


def pytest_runtest_setup():
    """Spare the collections that a performance makes the million objects of the libraries.

    A player that has ended has thawed them.
    """
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
