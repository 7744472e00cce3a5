"""How a recording says what was composed: briefly, because most of it follows from what was before.

Writing and reading keep the same memory of what was before, so that one finds what the other left
out. Whatever does not follow is written out: what a person has played, or a phrase of which this
section does not tell how it came about.
"""

from __future__ import annotations

import copy
import dataclasses
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from stream.music.note import Controls, Note, Phrase, PhraseRequest, request_from_json
from stream.music.phrase_schema import CONTROLS, COUNT, LONGEST, REQUEST, note
from stream.play.recording.format import Header, Played, written
from stream.util.validate import Check, fields, flag, items

KNOWN = 8
"""Phrases that can be referred to."""
SAME = {
    f.name: f.default
    for f in dataclasses.fields(PhraseRequest)
    if f.name not in {"index", "tune", "seed", "opened_style", "history", "controls"}
}
"""Fields of a request that are left out where they are as usual, and what that is."""
SOURCE: Mapping[str, Check] = {
    "notes": items(note, 0, LONGEST),
    "length": REQUEST["begun"],
    "bar": REQUEST["begun"],
}
PART: Mapping[str, Check] = {
    "index": COUNT,
    "begin": REQUEST["begun"],
    "finish": REQUEST["begun"],
    "chosen": COUNT,
    "repeat": flag,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a text asks for."""

    source: Phrase | None
    """The phrase; None: it is to be composed ..."""
    request: PhraseRequest | None
    """... for this request ..."""
    chosen: int
    """... and is that candidate."""
    begin: int
    finish: int
    controls: Controls
    repeat: bool

    def played(self, source: Phrase) -> Played:
        """What was played, `source` being the phrase."""
        return Played(
            source, self.request, self.begin, self.finish, self.controls, repeat=self.repeat
        )


class DeltaCodec:
    """One section's."""

    def __init__(self, header: Header) -> None:
        self._seed = header.seed
        self._controls = Controls()
        self._past: tuple[Note, ...] | None = None
        """The notes before the next phrase; None: there is nothing to refer to."""
        self._known: OrderedDict[int, tuple[PhraseRequest | None, Phrase]] = OrderedDict()

    def fork(self) -> Self:
        """The same memory, for something that this one is not to remember."""
        twin = copy.copy(self)
        twin._known = self._known.copy()  # noqa: SLF001 (its own)
        return twin

    def write(self, played: Played) -> str:
        """The text for a part that was played; it is remembered."""
        source, request = played.source, played.request
        known = self._known.get(source.index)
        document: dict[str, Any] = {"index": source.index}
        again = played.repeat or played.begin > 0
        base: PhraseRequest | None = None
        if again and known is not None and _alike(known[1], source):
            base = known[0]
        elif request is not None and not played.repeat and self._is_composed(request.parent):
            base = request
            document |= self._composed(request, source)
        else:
            document["source"] = {name: getattr(source, name) for name in SOURCE}
        document |= {"begin": played.begin} if played.begin else {}
        document["finish"] = played.finish
        document |= {"repeat": True} if played.repeat else {}
        document |= _changes("sounds", base.controls if base else Controls(), played.controls)
        self._remember(played, base)
        return written(_plain(document))

    def read(self, document: Mapping[str, Any]) -> Wanted:
        """What a text says. Nothing is remembered before it is written again.

        Raises `ValueError`, `KeyError`, `TypeError` where it says nothing.
        """
        common = {name: document[name] for name in PART if name in document}
        found = fields(common, PART)
        source: Phrase | None = None
        base: PhraseRequest | None = None
        if "source" in document:
            source = self._written_out(found["index"], document["source"])
        elif "chosen" in document:
            base = self._request(document)
        else:
            base, source = self._known[found["index"]]
        sounds = fields(document.get("sounds", {}), CONTROLS)
        controls = dataclasses.replace(base.controls if base else Controls(), **sounds)
        return Wanted(
            source,
            base,
            chosen=found.get("chosen", 0),
            begin=found.get("begin", 0),
            finish=found["finish"],
            controls=controls,
            repeat=found.get("repeat", False),
        )

    def _composed(self, request: PhraseRequest, source: Phrase) -> dict[str, Any]:
        """How a phrase came about."""
        document: dict[str, Any] = {"tune": request.tune}
        for name, usual in SAME.items():
            if getattr(request, name) != usual:
                document[name] = getattr(request, name)
        if request.opened_style != request.controls.style:
            document["opened_style"] = request.opened_style
        count = len(request.history)
        follows = self._past is not None and request.history == self._last(count)
        document["history"] = count if follows else request.history
        document |= _changes("controls", self._controls, request.controls)
        document["chosen"] = source.verdict.chosen
        return document

    def _request(self, document: Mapping[str, Any]) -> PhraseRequest:
        found = {name: document[name] for name in REQUEST if name in document}
        history = found["history"]
        found["history"] = self._last(history) if type(history) is int else history
        controls = {name: getattr(self._controls, name) for name in CONTROLS}
        found["controls"] = controls | found.get("controls", {})
        found["seed"] = self._seed
        found.setdefault("opened_style", found["controls"]["style"])
        return request_from_json(written(_plain(found)))

    def _last(self, count: int) -> tuple[Note, ...]:
        """The last notes before the phrase, so many of them."""
        past = self._past or ()
        if count > len(past):
            return ()
        return past[len(past) - count :]

    def _written_out(self, index: int, document: object) -> Phrase:
        found = fields(document, SOURCE)
        notes = tuple(Note(*each) for each in found["notes"])
        phrase = Phrase(notes, max(found["length"], 1), 120.0, index, 0, "", "", 0)
        return dataclasses.replace(phrase, bar=max(found["bar"], 1))

    def _remember(self, played: Played, base: PhraseRequest | None) -> None:
        source = played.source
        self._known.pop(source.index, None)
        self._known[source.index] = base, source
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)
        if played.repeat:
            return
        self._past = None if base is None else _past(base.history, source, played.finish)
        if base is not None:
            self._controls = base.controls

    def _is_composed(self, index: int) -> bool:
        """Whether a composer that follows this remembers the end of a phrase; -1 needs nobody."""
        return index < 0 or (index in self._known and self._known[index][0] is not None)


def _alike(one: Phrase, other: Phrase) -> bool:
    return (one.notes, one.length, one.bar) == (other.notes, other.length, other.bar)


def _past(history: tuple[Note, ...], source: Phrase, finish: int) -> tuple[Note, ...]:
    """The notes up to a tick of a phrase, seen from there, those before it among them."""
    cut = finish < source.length
    own = (n for n in source.notes if n.onset < finish)
    played = (n.until(min(n.end, finish)) if cut else n for n in own)
    return tuple(note.moved(-finish) for note in (*history, *played))


def _changes(name: str, before: Controls, after: Controls) -> dict[str, Any]:
    """The controls that differ, under a name; nothing where none does."""
    changed = {
        field: getattr(after, field)
        for field in CONTROLS
        if getattr(before, field) != getattr(after, field)
    }
    return {name: changed} if changed else {}


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """Notes as lists."""
    return {name: _listed(value) for name, value in document.items()}


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Note):
        return [(n.onset, n.duration, n.pitch, n.velocity, n.channel) for n in value]
    return value
