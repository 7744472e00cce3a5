"""Compose a recording again from its requests, with the voice that it names."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stream.commands.recorded_players import Players
from stream.commands.voice_process import VoiceProcess
from stream.errors import RecordingError, SettingsError, VoiceError
from stream.own_styles.library import digests
from stream.play.recording.delta_codec import DeltaCodec
from stream.play.recording.format import SILENCE, Part, Sounding, header_part, music
from stream.play.recording.header import Header
from stream.play.recording.reader import StoredPart, StoredSection
from stream.util.validate import shown
from stream.voices.spec import digest, find_voice, shipped_voices


@dataclass(frozen=True, slots=True)
class Recreated:
    """A part of a phrase, as it was recorded and as it was composed again."""

    number: int
    """Number of its phrase among those that were played, from 1."""
    found: Part
    made: Part


class Recreation:
    """The sections of one file, each composed by its own voice, or all by `voice` (name or file).

    `ensemble` is the file of an ensemble that plays in it. Of the voices and ensembles that the
    file names, only shipped ones are opened, because the file may come from anywhere. Close it at
    the end. Raises `VoiceError` for a voice that is not available, `SettingsError` for an ensemble.
    """

    def __init__(
        self, sections: Sequence[StoredSection], voice: str | None, ensemble: str | None = None
    ) -> None:
        self._sections = sections
        self._players = Players(ensemble)
        own = find_voice(voice) if voice else None
        self._voices = {s.header.voice: own or _shipped(s.header.voice) for s in sections}
        self._open = contextlib.ExitStack()
        self._composers: dict[Path, VoiceProcess] = {}
        self.ratings: dict[str, None] = {}
        """Hashes of the ratings that moved what was composed, in order."""

    def close(self) -> None:
        """End the processes of the voices."""
        self._open.close()

    def changed_voices(self) -> Iterator[tuple[Header, str]]:
        """Yield each header whose voice is another file than here, and the hash of the one here."""
        for header in {s.header.voice: s.header for s in self._sections}.values():
            found = digest(self._voices[header.voice])
            if found != header.sha256:
                yield header, found

    def changed_styles(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, recorded hash and hash of each own style that was played and has changed.

        The hash is empty for a style that is not here.
        """
        for section in self._sections:
            voice = self._voices[section.header.voice]
            here = digests(voice) if section.header.styles else {}
            for name, recorded in (section.header.styles or {}).items():
                if here.get(name) != recorded and _plays(section, name):
                    yield name, recorded, here.get(name, "")

    def changed_ensembles(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, recorded hash and hash of each ensemble whose file has changed.

        They are known once the parts have been composed.
        """
        yield from self._players.changed()

    def parts(self) -> Iterator[Recreated]:
        """Yield each part. Raises `RecordingError` for an impossible request."""
        number = 0
        for section in self._sections:
            yield Recreated(number, header_part(section.header), header_part(section.header))
            composer = self._composer(self._voices[section.header.voice])
            again = _Again(section.header, composer, self._players)
            for stored in section.parts:
                number += stored.part.music != SILENCE
                try:
                    made = again.part(stored)
                    self.ratings |= dict.fromkeys(filter(None, [again.ratings]))
                except (VoiceError, SettingsError):
                    raise
                except (ValueError, KeyError, TypeError) as error:
                    raise RecordingError(f"its phrase {number} is not valid: {error}") from error
                yield Recreated(number, stored.part, made)

    def _composer(self, voice: Path) -> VoiceProcess:
        if voice not in self._composers:
            self._composers[voice] = self._open.enter_context(VoiceProcess(voice))
        return self._composers[voice]


class _Again:
    """The parts of one section."""

    def __init__(self, header: Header, composer: VoiceProcess, players: Players) -> None:
        self._header = header
        self._composer = composer
        self._players = players
        self._codec = DeltaCodec(header)
        self._previous: Sounding | None = None
        """The last part that sounds."""
        self.ratings = ""
        """Hash of the ratings that moved the last part; empty without any."""

    def part(self, stored: StoredPart) -> Part:
        """Return a part, composed again."""
        recorded = self._codec.read(stored.document)
        self.ratings = recorded.request.ratings if recorded.request else ""
        source = recorded.source
        if source is None:
            if recorded.request is None:
                raise ValueError("it has neither notes nor a request")
            request = self._players.request(recorded.request, recorded.digest)
            source = self._composer.recreate(request, recorded.chosen)
        if not self._header.has_ensembles:
            source = dataclasses.replace(source, ensemble="", roles=())
        played = recorded.played(source)
        text = self._codec.write(played)
        if stored.part.music == SILENCE:
            return Part(text, SILENCE)
        played = dataclasses.replace(played, source=self._players.source(source, recorded.digest))
        sounding = played.sound(self._header.synthesizer, self._players.ensembles)
        previous, self._previous = self._previous, sounding
        return Part(text, music(*sounding, previous))


def _plays(section: StoredSection, style: str) -> bool:
    """Return True if a part of the section names the style."""
    return any(json.dumps(style)[1:-1] in json.dumps(p.document) for p in section.parts)


def _shipped(name: str) -> Path:
    """Return the path of the shipped voice of that name. Raises `VoiceError` for any other."""
    shipped = {path.stem: path for path in shipped_voices()}
    if name not in shipped:
        raise VoiceError(
            f"voice {shown(name)}: not a shipped voice ({', '.join(shipped)}), and only those are"
            " opened by the name in a file; give the voice by --voice FILE"
        )
    return shipped[name]
