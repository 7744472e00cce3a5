"""The client of a composer of sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.music.audio_chunk import chunk_from_document, to_json
from stream.play.composer.client import ComposerClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.music.audio_chunk import AudioChunk, AudioChunkRequest


class AudioClient(ComposerClient["AudioChunkRequest", "AudioChunk"]):
    """Requests chunks of sound."""

    def _format(self, request: AudioChunkRequest) -> str:
        return to_json(request)

    def _answer(self, document: Mapping[str, Any]) -> AudioChunk:
        return chunk_from_document(document)
