"""The role of a companion in training: its kind, and the pieces that it learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stream.compose.companions.kind import CompanionKind
from stream.compose.polyphony.frames import Ints


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece, or an excerpt that begins as a companion begins: without a past."""

    frames: Ints
    """Tokens of the part, int64 [T, M]."""
    context: NDArray[np.float32]
    """Context of each frame [T, C], as the runtime computes it, phrase by phrase."""
    tags: NDArray[np.float32]
    """Weights of the tags [S]."""

    def __len__(self) -> int:
        return len(self.frames)


class Corpus(Protocol):
    """The pieces of a companion."""

    def train(self, rng: np.random.Generator) -> Sequence[Piece]:
        """Return the pieces of one epoch, which may differ in key and in where phrases begin."""

    def valid(self) -> Sequence[Piece]:
        """Return the held-out pieces, always the same."""


class Role(Protocol):
    """Everything that training needs to know about one companion.

    A role may have an attribute `echo`: frames ago of own tokens that its companion reads besides
    the last one, such as those of a bar.
    """

    @property
    def name(self) -> str:
        """Name of the companion and of its voice."""

    @property
    def kind(self) -> CompanionKind:
        """Kind of the companion's frames."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags of its voice, such as `style:jazz`: the ensemble's style chooses one."""

    @property
    def hidden(self) -> int:
        """Width of the recurrence."""

    def corpus(self, corpora: Path) -> Corpus:
        """Read the corpora in a folder. Raises `CorpusError`."""
