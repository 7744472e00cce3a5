"""Training and validation set of a corpus."""

from __future__ import annotations

from collections.abc import Sequence

from export.corpus.dataset import split_of
from stream.compose.tunes.tune import Melody
from stream.errors import CorpusError


def train_and_valid(
    melodies: Sequence[Melody], least: int = 1
) -> tuple[list[Melody], list[Melody]]:
    """Return the training and the validation set: the same in a corpus too small for both.

    Raises `CorpusError` for fewer than `least` melodies to train on.
    """
    train, valid = ([m for m in melodies if split_of(m) == s] for s in ("train", "valid"))
    if len(train) < least:
        raise CorpusError(
            f"{len(train)} of {len(melodies)} melodies fall into the training set, "
            f"and {least} are needed: add tunes"
        )
    return train, valid or train
