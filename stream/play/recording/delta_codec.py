"""Codec of the texts of a recording: each text holds only what does not follow from those before.

Encoder and decoder have the same state, so that one restores what the other left out. What does not
follow is written in full: what a person has played, or a phrase that this section cannot explain.
"""

from __future__ import annotations

import copy
import dataclasses
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from stream.music.controls import CONTROLS
from stream.music.note import (
    Controls,
    Note,
    Phrase,
    PhraseRequest,
    note_members,
    request_from_json,
)
from stream.music.phrase_schema import CONTROL_CHECKS, COUNT, LONGEST, PHRASE, REQUEST, note
from stream.music.tune_facts import TuneFacts
from stream.play.recording.format import Played, compact_json
from stream.play.recording.header import Header
from stream.util.validate import Check, fields, flag, items, text

MOST_PHRASES = 8
"""Number of recent phrases that can be referred to."""
DEFAULTS = {
    f.name: f.default
    for f in dataclasses.fields(PhraseRequest)
    if f.name not in {"index", "tune", "seed", "opened_style", "history", "controls"}
}
"""Fields of a request that are left out while they have their default value, and that value."""
STORED_NAMES = {"phrase_lengths": "strains"}
"""Keys of a request in recordings that differ from the name of the field, by field."""
FACTS = dataclasses.asdict(TuneFacts())
SOURCE: Mapping[str, Check] = {
    "notes": items(note, 0, LONGEST),
    "length": REQUEST["begun"],
    "bar": REQUEST["begun"],
    "closing": PHRASE["closing"],
    "ensemble": PHRASE["ensemble"],
    "roles": PHRASE["roles"],
    **{name: PHRASE[name] for name in ("silent", "tune", "style", "letter", *FACTS)},
}
OPTIONAL = {"closing": False, "ensemble": "", "roles": (), "silent": (), "tune": 0, "style": ""}
OPTIONAL |= FACTS | {"letter": ""}
"""Fields of a phrase in full that are left out while they have their default, and that value."""
DIGEST = "ensemble_sha256"
PART: Mapping[str, Check] = {
    "index": COUNT,
    "begin": REQUEST["begun"],
    "finish": REQUEST["begun"],
    "chosen": COUNT,
    "repeat": flag,
    DIGEST: text,
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Contents of a decoded text."""

    source: Phrase | None
    """The phrase as composed; None: it has to be composed for `request`."""
    request: PhraseRequest | None
    """The request that the phrase was composed for; None if unknown."""
    chosen: int
    """Index of the candidate that was played."""
    begin: int
    finish: int
    controls: Controls
    repeat: bool
    digest: str

    def played(self, source: Phrase) -> Played:
        """Return the part that was played; `source` is the composed phrase."""
        place = self.begin, self.finish, self.controls, self.repeat
        return Played(source, self.request, *place, self.digest)


class DeltaCodec:
    """Encoder and decoder of one section."""

    def __init__(self, header: Header) -> None:
        self._seed = header.seed
        self._base = self._controls = header.base
        self._digest = ""
        self._history: tuple[Note, ...] | None = None
        """Notes before the next phrase; None: there is nothing to refer to."""
        self._phrases: OrderedDict[int, tuple[PhraseRequest | None, Phrase]] = OrderedDict()

    def fork(self) -> Self:
        """Return a codec with the same state, whose changes do not affect this one."""
        copied = copy.copy(self)
        copied._phrases = self._phrases.copy()  # noqa: SLF001 (same class)
        return copied

    def write(self, played: Played) -> str:
        """Return the text for a part that was played, and remember the part."""
        source, request = played.source, played.request
        previous = self._phrases.get(source.index)
        document: dict[str, Any] = {"index": source.index}
        continued = played.repeat or played.begin > 0
        base: PhraseRequest | None = None
        if continued and previous is not None and _same_music(previous[1], source):
            base = previous[0]
        elif request is not None and not played.repeat and self._explains(request, source):
            base = request
            document |= self._encode_request(request, source)
        else:
            document["source"] = {
                name: getattr(source, name)
                for name in SOURCE
                if getattr(source, name) != OPTIONAL.get(name)
            }
        document |= {"begin": played.begin} if played.begin else {}
        document["finish"] = played.finish
        document |= {"repeat": True} if played.repeat else {}
        document |= _changes("sounds", base.controls if base else self._base, played.controls)
        if played.digest and played.digest != self._digest:
            document[DIGEST] = self._digest = played.digest
        self._remember(played, base)
        return compact_json(_with_lists(document))

    def read(self, document: Mapping[str, Any]) -> Decoded:
        """Decode a text. Nothing is remembered until the result is encoded again.

        Raises `ValueError`, `KeyError`, `TypeError` if the text is invalid.
        """
        common = {name: document[name] for name in PART if name in document}
        values = fields(common, PART)
        source: Phrase | None = None
        base: PhraseRequest | None = None
        if "source" in document:
            source = self._decode_source(values["index"], document["source"])
        elif "chosen" in document:
            base = self._decode_request(document)
        else:
            base, source = self._phrases[values["index"]]
        sounds = fields(document.get("sounds", {}), CONTROL_CHECKS)
        controls = dataclasses.replace(base.controls if base else self._base, **sounds)
        return Decoded(
            source,
            base,
            chosen=values.get("chosen", 0),
            begin=values.get("begin", 0),
            finish=values["finish"],
            controls=controls,
            repeat=values.get("repeat", False),
            digest=values.get(DIGEST, self._digest),
        )

    def _encode_request(self, request: PhraseRequest, source: Phrase) -> dict[str, Any]:
        """Return how a phrase was composed."""
        document: dict[str, Any] = {"tune": request.tune}
        for name, default in DEFAULTS.items():
            if getattr(request, name) != default:
                document[STORED_NAMES.get(name, name)] = getattr(request, name)
        if request.opened_style != request.controls.style:
            document["opened_style"] = request.opened_style
        count = len(request.history)
        follows = self._history is not None and request.history == self._last_notes(count)
        document["history"] = count if follows else request.history
        document |= _changes("controls", self._controls, request.controls)
        document["chosen"] = source.verdict.chosen
        return document

    def _decode_request(self, document: Mapping[str, Any]) -> PhraseRequest:
        keys = {name: STORED_NAMES.get(name, name) for name in REQUEST}
        values = {name: document[key] for name, key in keys.items() if key in document}
        history = values["history"]
        values["history"] = self._last_notes(history) if type(history) is int else history
        controls = {name: getattr(self._controls, name) for name in CONTROLS}
        values["controls"] = controls | values.get("controls", {})
        values["seed"] = self._seed
        values.setdefault("opened_style", values["controls"]["style"])
        return request_from_json(compact_json(_with_lists(values)))

    def _last_notes(self, count: int) -> tuple[Note, ...]:
        """Return the last `count` notes before the phrase; none if there are fewer."""
        history = self._history or ()
        if count > len(history):
            return ()
        return history[len(history) - count :]

    def _decode_source(self, index: int, document: object) -> Phrase:
        values = fields(document, SOURCE)
        notes = tuple(Note(*each) for each in values["notes"])
        phrase = Phrase(notes, max(values["length"], 1), 120.0, index, 0, "", "", 0)
        optional = {name: values[name] for name in OPTIONAL if name in values}
        return dataclasses.replace(phrase, **(optional | {"bar": max(values["bar"], 1)}))

    def _remember(self, played: Played, base: PhraseRequest | None) -> None:
        source = played.source
        self._phrases.pop(source.index, None)
        self._phrases[source.index] = base, source
        while len(self._phrases) > MOST_PHRASES:
            self._phrases.popitem(last=False)
        if played.repeat:
            return
        self._history = None if base is None else _history(base.history, source, played.finish)
        if base is not None:
            self._controls = base.controls

    def _explains(self, request: PhraseRequest, source: Phrase) -> bool:
        """Return True if the request gives this phrase again: no failed companion, no person."""
        index = request.parent
        is_known = index < 0 or (index in self._phrases and self._phrases[index][0] is not None)
        return is_known and not source.failed and not request.behind


def _same_music(first: Phrase, second: Phrase) -> bool:
    return all(getattr(first, name) == getattr(second, name) for name in SOURCE)


def _history(history: tuple[Note, ...], source: Phrase, finish: int) -> tuple[Note, ...]:
    """Return the history at a tick of a phrase: onsets are counted from that tick."""
    is_cut = finish < source.length
    before_finish = (n for n in source.notes if n.onset < finish)
    played = (n.until(min(n.end, finish)) if is_cut else n for n in before_finish)
    return tuple(note.moved(-finish) for note in (*history, *played))


def _changes(name: str, before: Controls, after: Controls) -> dict[str, Any]:
    """Return the controls that differ, under a name; an empty dictionary if none does."""
    changed = {
        field: getattr(after, field)
        for field in CONTROLS
        if getattr(before, field) != getattr(after, field)
    }
    return {name: changed} if changed else {}


def _with_lists(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with notes as lists."""
    return {name: _as_list(value) for name, value in document.items()}


def _as_list(value: Any) -> Any:
    if isinstance(value, dict):
        return _with_lists(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Note):
        return [note_members(note) for note in value]
    return value
