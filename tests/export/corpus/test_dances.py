import pytest

from stream.compose.tunes.dances import BY_METER, KINDS, NAMES, kind_of


@pytest.mark.parametrize(
    ("word", "meter", "kind"),
    [
        ("Reel", "4/4", "reel"),
        (" double jig ", "6/8", "jig"),
        ("slide", "12/8", "jig"),
        ("", "6/8", "jig"),
        ("polka", "2/4", "country dance"),
        ("", "4/4", ""),
        ("polka", " 9/8 ", "slip jig"),
        # The word of the collection comes first.
        ("waltz", "6/8", "waltz"),
        ("", "", ""),
    ],
)
def test_the_type_of_a_dance(word, meter, kind):
    assert kind_of(word, meter) == kind


def test_the_types_are_those_that_can_be_told():
    assert list(KINDS) == sorted({*NAMES.values(), *BY_METER.values()})
    assert all(kind == kind.lower() and kind.replace(" ", "").isalpha() for kind in KINDS)
