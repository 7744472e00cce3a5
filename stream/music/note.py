"""The values that travel between composer and player; ticks for music, seconds for devices.

Everything here is frozen and has a JSON form, because the processes exchange lines of JSON.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stream.errors import MessageError
from stream.music.controls import Blend as Blend  # noqa: PLC0414 (part of a request)
from stream.music.controls import Controls as Controls  # noqa: PLC0414
from stream.music.phrase_schema import PHRASE, REQUEST
from stream.music.tune_facts import TuneFacts
from stream.music.verdict import Rule, Verdict
from stream.taste.terms import Tasted
from stream.util.validate import fields, parsed, shown

TICKS_PER_BEAT = 48
"""Ticks in a quarter note."""
TENTHS = 10
"""Tenths in a tick: the unit in which a performance moves notes, and the tick of MIDI files."""


def ticks_to_seconds(ticks: float, bpm: float) -> float:
    """Return the length of `ticks` in seconds at `bpm` quarter notes a minute."""
    return ticks * 60.0 / (bpm * TICKS_PER_BEAT)


@dataclass(frozen=True, slots=True)
class Note:
    """One sounding note. Rests are the gaps between notes."""

    onset: int
    """Ticks from the start of the phrase."""
    duration: int
    """Ticks, at least 1."""
    pitch: int
    """MIDI note number, 0-127; 60 is middle C."""
    velocity: int = 80
    """MIDI velocity, 1-127."""
    channel: int = 0
    """MIDI channel, 0-15. In a composed phrase, the number of its part (`stream.music.part`)."""
    offset: int = 0
    """Distance at which a performance moves the onset, in tenths of a tick; negative is early."""
    release: int = 0
    """Distance at which a performance moves the end, in tenths of a tick."""

    @property
    def end(self) -> int:
        """Tick at which the note ends."""
        return self.onset + self.duration

    @property
    def played_onset(self) -> int:
        """Performed onset in tenths of a tick."""
        return self.onset * TENTHS + self.offset

    @property
    def played_end(self) -> int:
        """Performed end in tenths of a tick."""
        return (self.onset + self.duration) * TENTHS + self.release

    def moved(self, ticks: int) -> Note:
        """Return the note `ticks` later."""
        return Note(self.onset + ticks, self.duration, self.pitch, *self._performance)

    def transposed(self, semitones: int) -> Note:
        """Return the note `semitones` higher."""
        return Note(self.onset, self.duration, self.pitch + semitones, *self._performance)

    def until(self, tick: int) -> Note:
        """Return the note with its end moved to `tick`, where its performance ends, too."""
        length = tick - self.onset
        return Note(self.onset, length, self.pitch, self.velocity, self.channel, self.offset)

    @property
    def _performance(self) -> tuple[int, int, int, int]:
        return self.velocity, self.channel, self.offset, self.release


@dataclass(frozen=True, slots=True)
class PhraseRequest(Tasted):
    """Everything the composer needs for one phrase: the same request gives the same phrase."""

    index: int
    """Position of the phrase in the stream, from 0."""
    tune: int
    """Number of the tune it belongs to, from 0; each tune has one latent point."""
    seed: int
    """Seed of the whole stream."""
    opened: int = 0
    """`index` of the phrase that opened the tune."""
    opened_style: tuple[Blend, ...] = ()
    """Style requested when the tune was opened: a tune keeps its meter and form to its end."""
    phrase_lengths: tuple[int, ...] = ()
    """Length in ticks of each phrase of the tune so far; empty if this one opens it."""
    begun: int = 0
    """Ticks of this phrase that have been played already, under other controls."""
    bars: int = 4
    """Requested length; the meter decides how many ticks that is."""
    more: int = 0
    """Bars of the same phrase that will be requested later, as the rest of it."""
    parent: int = -1
    """`index` of the phrase that this one follows, -1 for none."""
    history: tuple[Note, ...] = ()
    """The last notes before this phrase, oldest first, including the whole tune so far. Their
    onsets are negative: ticks from the start of the phrase."""
    call: int = 0
    """Ticks before the phrase in which a person played a call, the history; 0 without one."""
    played: tuple[Note, ...] = ()
    """The notes that the person has played before the call, oldest first, with negative onsets."""
    behind: int = 0
    """Bars by which the band alone follows what a person plays; 0: the voice composes."""
    tempo: float = 0.0
    """Tempo of the call that the tune responds to; 0: the one of its plan."""
    favourite: tuple[str, ...] = ()
    """Title, style and latent point of the favourite that the tune returns to."""
    controls: Controls = field(default_factory=Controls)

    @property
    def opening(self) -> bool:
        """True if this is the first phrase of its tune."""
        return not (self.phrase_lengths or self.begun)

    @property
    def tune_ticks(self) -> int:
        """Ticks of the tune that have been played."""
        return sum(self.phrase_lengths) + self.begun

    @property
    def tune_notes(self) -> tuple[Note, ...]:
        """The notes of the history that belong to the tune."""
        return tuple(n for n in self.history if n.onset >= -self.tune_ticks)

    @property
    def call_notes(self) -> tuple[Note, ...]:
        """The notes of the history that a person played as the call; empty without a call."""
        return tuple(n for n in self.history if n.onset >= -self.call) if self.call else ()


@dataclass(frozen=True, slots=True)
class Phrase(TuneFacts):
    """A few bars of music, and what is known of the tune that they belong to."""

    notes: tuple[Note, ...]
    """Notes by onset; none sounds beyond `length`."""
    length: int
    """Length in ticks; the next phrase starts there."""
    bpm: float
    """Tempo at which it is played, in quarter notes a minute."""
    index: int
    tune: int
    style: str
    """The style, or the blend as `bach:0.7,jazz:0.3`."""
    voice: str
    seed: int
    bar: int = 4 * TICKS_PER_BEAT
    """Ticks in a bar."""
    verdict: Verdict = Verdict()  # noqa: RUF009 (it is frozen)
    parent: int = -1
    """`index` of the phrase whose stored end was continued; -1 if none was."""
    closing: bool = False
    """True for the last phrase of its tune."""
    ensemble: str = ""
    """Name or file of the ensemble; empty: the parts of the voice alone, each on its channel."""
    roles: tuple[str, ...] = ()
    """Roles of the parts of the voice itself, from part 0 on; empty for one that is replaced."""
    energy: float = 0.5
    """Energy of the phrase, from 0 to 1."""
    companions: tuple[tuple[str, Verdict], ...] = ()
    """Role of each part that a companion composed, and the choice among its candidates."""
    silent: tuple[str, ...] = ()
    """Roles of the parts that companions have composed and that are not heard."""
    failed: tuple[str, ...] = ()
    """Roles of the parts whose companion failed; the phrase plays without them."""
    letter: str = ""
    """Letter of the phrase in the form of its tune, such as `a`; empty if unknown."""
    latent: str = ""
    """Latent point of the tune, as `stream.compose.tune_plan.packed` writes it; may be empty."""


def to_json(value: PhraseRequest | Phrase) -> str:
    """Return one line of JSON. Notes are written as arrays to keep the line short."""
    document = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return json.dumps(document, default=_plain, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, Note):
        return note_members(value)  # hundreds travel: this is ten times as fast as `astuple`
    if isinstance(value, Rule):
        return dataclasses.astuple(value)
    return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}


def note_members(note: Note) -> tuple[int, ...]:
    """Return the members of a note as in messages, without offset and release while they are 0."""
    members = note.onset, note.duration, note.pitch, note.velocity, note.channel
    if note.release:
        return (*members, note.offset, note.release)
    return (*members, note.offset) if note.offset else members


def phrase_from_json(line: str | bytes) -> Phrase:
    """Return the phrase in a line of JSON. Raises `MessageError` if it is invalid."""
    return phrase_from_document(document_from_json(line))


def document_from_json(line: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a line. Raises `MessageError` if it is not one."""
    try:
        return parsed(line)
    except ValueError as error:
        raise MessageError(f"{shown(line)}: {error}") from error


def phrase_from_document(document: Mapping[str, Any]) -> Phrase:
    """Return the phrase that a parsed line describes. Raises `MessageError` if it is invalid."""
    try:
        found = fields(document, PHRASE)
        found["notes"] = tuple(Note(*note) for note in found["notes"])
        found["verdict"] = _verdict(found["verdict"])
        found["companions"] = tuple(
            (role, _verdict(verdict)) for role, verdict in found.get("companions", ())
        )
        return Phrase(**found)
    except (ValueError, KeyError, TypeError) as error:
        raise MessageError(f"invalid phrase: {error}") from error


def _verdict(document: Mapping[str, Any]) -> Verdict:
    return Verdict(**{**document, "rules": tuple(Rule(*rule) for rule in document["rules"])})


def request_from_json(line: str | bytes) -> PhraseRequest:
    """Return the request in a line of JSON. Raises `MessageError` if it is invalid."""
    try:
        found = fields(document_from_json(line), REQUEST)
        for name in ("history", "played"):
            found[name] = tuple(Note(*note) for note in found.get(name, ()))
        found["controls"] = Controls(**found["controls"])
        return PhraseRequest(**found)
    except (ValueError, KeyError, TypeError) as error:
        raise MessageError(f"invalid phrase request: {error}") from error
