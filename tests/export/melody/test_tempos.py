import numpy as np
import pytest

from stream.compose.tunes.tempos import DANCES, FASTEST, SLOWEST, STYLES, TRIPLE, USUAL, tempo_of
from stream.compose.tunes.tune import Melody


def tempo(**fields):
    given = {"style": "folk", "unit": 24, "bar": 8, "mode": "major", "split": ""} | fields
    return tempo_of(Melody(np.zeros((0, 3), np.uint8), "t", group=1, **given))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"tempo": 133.6, "kind": "jig"}, 134),
        ({"tempo": 20.0}, SLOWEST),
        ({"tempo": 400.0}, FASTEST),
        ({"kind": "jig"}, DANCES["jig"]),
        ({"kind": "air", "style": "hymn"}, DANCES["air"]),
        ({"kind": "polka"}, STYLES["folk"]),
        ({"style": "hymn"}, STYLES["hymn"]),
        ({"style": "hymn", "bar": 6}, TRIPLE["hymn"]),
        ({"style": "hymn", "bar": 3, "unit": 48}, TRIPLE["hymn"]),
        ({"style": "folk", "bar": 6}, STYLES["folk"]),
        ({"style": "mine"}, USUAL),
        ({"style": "mine", "bar": 6}, USUAL),
    ],
)
def test_the_tempo_is_its_own_or_that_of_its_dance_or_style(fields, expected):
    assert tempo(**fields) == expected
