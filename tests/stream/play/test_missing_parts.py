"""A part that is missing is told once, and again when it is back."""

from stream.music.note import Phrase
from stream.play.missing_parts import MissingParts
from stream.play.stats import Stats


def phrase(*failed):
    return Phrase((), 192, 120.0, 0, 0, "folk", "tiny", 0, failed=failed)


def test_missing_parts_are_told_when_they_change():
    parts, stats = MissingParts(), Stats()
    told = []
    for failed in ((), ("bass", "drums"), ("bass", "drums"), ("drums",), (), ()):
        told.append(list(parts.notices(phrase(*failed))))
        stats.count(phrase(*failed))
    missing = "not composed in time, or the companion cannot be loaded; the others play on"
    assert told == [
        [], [f"bass, drums: {missing}"], [], [f"drums: {missing}"], ["drums: composed again"], []
    ]  # fmt: skip
    assert stats.to_document()["parts_failed"] == 5
