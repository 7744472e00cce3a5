"""The tiny rolls of the tests of piano rolls."""

from tests.export.rolls.conftest import archive, pieces

__all__ = ["archive", "pieces"]
