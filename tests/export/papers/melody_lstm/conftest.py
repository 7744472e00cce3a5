"""The tiny tunes of the tests of lead sheets."""

from tests.export.lead.conftest import archive, wandering

__all__ = ["archive", "wandering"]
