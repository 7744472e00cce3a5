"""The tiny chorales of the tests of frames."""

from tests.export.rolls.conftest import chorale_model, chorales

__all__ = ["chorale_model", "chorales"]
