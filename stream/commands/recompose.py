"""Composing again what a recording tells of, with the voice that it names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stream.commands.voice_process import VoiceProcess
from stream.errors import RecordingError, VoiceError
from stream.play.recording.delta_codec import DeltaCodec
from stream.play.recording.format import SILENCE, Header, Part, header_part, music
from stream.play.recording.reader import Recording, Section
from stream.util.validate import shown
from stream.voices.spec import digest, find_voice, shipped_voices


@dataclass(frozen=True, slots=True)
class Recreated:
    """A part of a phrase, as it was found and as it was composed again."""

    number: int
    """Of the phrases that were played, from 1."""
    found: Part
    made: Part


class Recreation:
    """Of the sections of one file, each by its own voice, or all by `voice`, a name or a file.

    A file may come from anywhere: of the voices that it names only shipped ones are opened. To be
    closed at the end.
    Raises `VoiceError` for a voice that is not there.
    """

    def __init__(self, sections: Sequence[Section], voice: str | None) -> None:
        self._sections = sections
        own = find_voice(voice) if voice else None
        self._voices = {s.header.voice: own or _shipped(s.header.voice) for s in sections}
        self._open = contextlib.ExitStack()
        self._composers: dict[Path, VoiceProcess] = {}

    def close(self) -> None:
        """End the processes of the voices."""
        self._open.close()

    def strangers(self) -> Iterator[tuple[Header, str]]:
        """The headers that tell of another file than the voice's, and the hash of that."""
        for header in {s.header.voice: s.header for s in self._sections}.values():
            found = digest(self._voices[header.voice])
            if found != header.sha256:
                yield header, found

    def parts(self) -> Iterator[Recreated]:
        """Each part. Raises `RecordingError` where a text asks for what can not be."""
        number = 0
        for section in self._sections:
            yield Recreated(number, header_part(section.header), header_part(section.header))
            composer = self._composer(self._voices[section.header.voice])
            shorthand = DeltaCodec(section.header)
            for record in section.records:
                number += record.part.music != SILENCE
                try:
                    made = _again(record, composer, shorthand, section.header)
                except VoiceError:
                    raise
                except (ValueError, KeyError, TypeError) as error:
                    raise RecordingError(f"its phrase {number} can not be: {error}") from error
                yield Recreated(number, record.part, made)

    def _composer(self, voice: Path) -> VoiceProcess:
        if voice not in self._composers:
            self._composers[voice] = self._open.enter_context(VoiceProcess(voice))
        return self._composers[voice]


def _again(
    record: Recording, composer: VoiceProcess, shorthand: DeltaCodec, header: Header
) -> Part:
    wanted = shorthand.read(record.document)
    source = wanted.source
    if source is None:
        if wanted.request is None:
            raise ValueError("it tells neither notes nor a request")
        source = composer.recreate(wanted.request, wanted.chosen)
    played = wanted.played(source)
    silent = record.part.music == SILENCE
    return Part(
        shorthand.write(played), SILENCE if silent else music(played.phrase(header.synthesizer))
    )


def _shipped(name: str) -> Path:
    """Path of the shipped voice that a recording names. Raises `VoiceError` for any other."""
    shipped = {path.stem: path for path in shipped_voices()}
    if name not in shipped:
        raise VoiceError(
            f"voice {shown(name)}: is none of the shipped voices ({', '.join(shipped)}); no other"
            " is opened only because a file names it: give it yourself, --voice FILE"
        )
    return shipped[name]
