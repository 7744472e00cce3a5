"""The client of a composer of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.music.note import phrase_from_document, to_json
from stream.play.composer.client import ComposerClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.music.note import Phrase, PhraseRequest


class PhraseClient(ComposerClient["PhraseRequest", "Phrase"]):
    """Request phrases from a composer process."""

    def _format(self, request: PhraseRequest) -> str:
        return to_json(request)

    def _answer(self, document: Mapping[str, Any]) -> Phrase:
        return phrase_from_document(document)
