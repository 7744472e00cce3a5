"""The tiny rolls and chorales of the tests of piano rolls."""

from tests.export.rolls.conftest import archive, chorale_model, chorales, pieces

__all__ = ["archive", "chorale_model", "chorales", "pieces"]
