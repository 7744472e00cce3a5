"""The link to a composer of sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.music.audio_chunk import passage_from_document, to_json
from stream.play.composer.client import Link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.music.audio_chunk import Passage, PassageRequest


class SoundLink(Link["PassageRequest", "Passage"]):
    """Asks for passages of sound."""

    def _written(self, request: PassageRequest) -> str:
        return to_json(request)

    def _answer(self, document: Mapping[str, Any]) -> Passage:
        return passage_from_document(document)
