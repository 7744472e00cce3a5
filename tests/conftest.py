"""No test asserts a time: how long an example takes is the machine's affair."""

from hypothesis import settings

settings.register_profile("perpetuum", deadline=None)
settings.load_profile("perpetuum")
