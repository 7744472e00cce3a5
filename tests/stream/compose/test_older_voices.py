"""Voices without outlines compose note for note what they composed before there were any."""

import dataclasses
import hashlib

import pytest

from stream.compose.composer import Composer
from stream.music.note import Controls
from stream.music.stream_position import opening
from stream.voices.spec import digest, find_voice
from tests.stream.compose.conftest import TINY

COMMONS = "2b8ec4457cd35216421e4146e80e9210fe04f82d4f6ffe1dd6da470bcfa5743d"
"""The voice `commons` that these phrases were composed with."""


def phrases(voice, seed, count):
    """The SHA-256 of a stream, a phrase a line."""
    composer, position, lines = Composer(voice), opening(seed, Controls()), []
    for _ in range(count):
        phrase = composer.compose(position.request)
        facts = (phrase.index, phrase.tune, phrase.style, phrase.bar, phrase.length, phrase.parent)
        lines.append(
            f"{' '.join(map(str, facts))} {phrase.closing} {phrase.verdict.chosen}"
            f" {[dataclasses.astuple(note) for note in phrase.notes]}"
        )
        position = position.after(phrase)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        (1, "370b0bafb9fde81599ec7edd1c8b293a49d2e94708c0f2304202479bcb1c1c4c"),
        (2, "36ebe448eb3af16b2b3f1056c79e5c6b5abb0c4cb4dcfa1be4882d27016974c9"),
    ],
)
def test_a_small_voice(seed, expected):
    assert phrases(TINY, seed, 20) == expected


@pytest.mark.skipif(digest(find_voice("commons")) != COMMONS, reason="another voice is shipped")
@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        (1, "d940efb6235d2cfc3eee65892a5538cf40fa6216e43203aa525928369b53dfaa"),
        (2, "2e5cbbb96d6ffac085e6ee99e94aeb804fcfa3fc3e435e9c0b47d9c373c81b06"),
    ],
)
def test_the_shipped_voice(seed, expected):
    assert phrases(find_voice("commons"), seed, 10) == expected
