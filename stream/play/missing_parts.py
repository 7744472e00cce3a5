"""The parts that a phrase lacks because their companions failed: told once, until that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.music.note import Phrase


class MissingParts:
    """The parts that the last phrase lacked."""

    def __init__(self) -> None:
        self._roles: tuple[str, ...] = ()

    def notices(self, phrase: Phrase) -> Iterator[str]:
        """Yield a message for the listener if other parts are missing than before."""
        before, self._roles = self._roles, phrase.failed
        if phrase.failed and phrase.failed != before:
            yield (
                f"{', '.join(phrase.failed)}: not composed in time, or the companion cannot be"
                " loaded; the others play on"
            )
        elif before and not phrase.failed:
            yield f"{', '.join(before)}: composed again"
