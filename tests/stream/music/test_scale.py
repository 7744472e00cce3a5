import pytest

from stream.music.scale import folded


@pytest.mark.parametrize(
    ("pitch", "low", "high", "moved"),
    [
        (60, 0, 127, 60),
        (72, 36, 60, 60),
        (73, 36, 60, 49),
        (30, 36, 60, 42),
        (0, 36, 60, 36),
        (127, 0, 72, 67),
        # Narrower than an octave: to the edge that is near.
        (72, 60, 64, 60),
        (71, 60, 64, 64),
        (55, 60, 64, 60),
    ],
)
def test_folding(pitch, low, high, moved):
    assert folded(pitch, low, high) == moved
