import pytest

from export.models import bar_memory, motif
from export.models.melody_config import BARS, EMBEDDINGS, HINT, MODES, MelodyConfig
from stream.compose.melody.outline_context import WIDTH

STYLES = ("folk", "bach")


@pytest.mark.parametrize(
    ("fields", "history", "meta", "distances", "reach"),
    [
        ({}, 80, 32 + 20, 0, 0),
        ({"history": "motif"}, 80 + 80 + motif.WIDTH, 32 + 20, 0, motif.REACH),
        (
            {"history": "bars", "context": WIDTH, "tag_width": 8},
            80 + 80 + motif.WIDTH + 6 * HINT,
            8 + 20 + 10 + WIDTH,
            bar_memory.DISTANCES,
            motif.REACH,
        ),
    ],
)
def test_what_the_decoder_reads(fields, history, meta, distances, reach):
    config = MelodyConfig(STYLES, **fields)
    assert sum(EMBEDDINGS) == 80
    assert (config.history_width, config.meta_width) == (history, meta)
    assert (config.distances, config.reach) == (distances, reach)


def test_each_style_bar_mode_and_dance_has_a_tag():
    assert MelodyConfig(STYLES).tags == 2 + len(BARS) + len(MODES)
    assert MelodyConfig(STYLES, kinds=("jig", "reel", "air")).tags == 5 + len(BARS) + len(MODES)
