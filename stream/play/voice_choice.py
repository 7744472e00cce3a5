"""The voice that composes: its file and styles, and the change to another one."""

from __future__ import annotations

import dataclasses
from functools import cached_property, partial
from typing import TYPE_CHECKING

from stream.errors import SettingsError
from stream.own_styles.library import read_styled
from stream.play.composer.process import composer_command
from stream.play.recording.header import header_of
from stream.voices.schema import AUDIO
from stream.voices.spec import find_voice

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stream.music.note import Controls
    from stream.play.composer.phrase_client import PhraseClient
    from stream.play.recording.recorder import Recorder
    from stream.play.session import Session


class VoiceChoice:
    """The voice of a session, until another one is chosen."""

    def __init__(
        self, session: Session, client: PhraseClient, recorder: Recorder | None = None
    ) -> None:
        self._session = session
        self._client = client
        self._recorder = recorder
        self.name = session.voice
        """Name or file of the voice."""

    @cached_property
    def path(self) -> Path:
        """The file of the voice."""
        return find_voice(self.name)

    @cached_property
    def styles(self) -> frozenset[str]:
        """The styles of the voice."""
        return frozenset(read_styled(self.path).styles)

    def choose(self, name: str) -> Callable[[], None]:
        """Compose with another voice from the next request on.

        Returns what to call when its first phrase begins, or is about to: recordings name the
        voice. Raises `SettingsError` or `VoiceError` for a voice that cannot play here.
        """
        path = find_voice(name)
        spec = read_styled(path)
        if spec.kind == AUDIO:
            raise SettingsError(
                f"voice {name}: makes audio, not notes; restart with --voice {name}"
            )
        header = header_of(dataclasses.replace(self._session, voice=name), path)
        self.name, self.path, self.styles = name, path, frozenset(spec.styles)
        self._client.change(composer_command(path))
        recorder = self._recorder
        return (lambda: None) if recorder is None else partial(recorder.change, header)

    def fitting(self, controls: Controls) -> Controls:
        """Return the controls, without a style that the voice lacks."""
        styles = {style for blend in controls.style for style, _ in blend}
        return controls if styles <= self.styles else dataclasses.replace(controls, style=())
