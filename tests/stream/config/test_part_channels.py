import pytest

from stream.config.part_channels import parse_channels
from stream.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("", ()),
        (" ", ()),
        ("soprano=1,alto=2,tenor=3,bass=4", (1, 2, 3, 4)),
        ("bass=16", (1, 2, 3, 16)),
        (" tenor = 5 , soprano=5", (5, 2, 5, 4)),
        ("melody=1,chords=2,bass=3", (1, 2, 3)),
        ("chords=10", (1, 10, 3)),
        ("bass=9, melody=2", (2, 2, 9)),
    ],
)
def test_channels(text, channels):
    assert parse_channels(text) == channels


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "tenr=3",
            "channels 'tenr=3': 'tenr' is not a part; give each of soprano, alto, tenor, bass",
        ),
        ("alto=17", "channels 'alto=17': '17' is not a whole number from 1 to 16"),
        (
            "alto=0",
            "'0' is not a whole number from 1 to 16; give the alto a channel, such as alto=1",
        ),
        ("alto", "'' is not a whole number"),
        ("alto=²", "is not a whole number"),
        ("alto=1.0", "is not a whole number"),
        ("alto=1,alto=2", "'alto' is given twice"),
        ("alto=1,", "'' is not a part"),
        ("melody=1,alto=3", "alto is a part of a chorale, but a lead sheet has melody"),
        ("=", "'' is not a part"),
        (f"{'x' * 500}=1", f"channels '{'x' * 80}': '{'x' * 40}' is not a part"),
        (f"alto={'9' * 5000}", "is not a whole number from 1 to 16"),
    ],
)
def test_what_is_no_channel_is_named_with_the_remedy(text, message):
    with pytest.raises(SettingsError, match=message) as caught:
        parse_channels(text)
    assert len(str(caught.value)) < 300
