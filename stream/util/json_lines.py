"""Lines of JSON between processes: one object a line, in lines of bounded length."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from stream.util.validate import parsed


def json_line(document: object) -> bytes:
    """Return a document as one compact line with its newline."""
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


class JsonLines:
    """Split a byte stream, which comes in parts, into lines of at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._line = bytearray()
        self._skipping = False
        """True until the end of a line that is too long."""

    def split(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that `data` completes, without their newlines.

        Yield the beginning of a line that is too long, `limit` + 1 bytes, once it has arrived, and
        skip the rest of it.
        """
        *ends, rest = data.split(b"\n")
        for end in ends:
            yield from self._extend(end)
            if not self._skipping:
                yield bytes(self._line)
            self._line.clear()
            self._skipping = False
        yield from self._extend(rest)

    def objects(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Yield the JSON objects in the lines that `data` completes; leave out all other lines."""
        for line in self.split(data):
            found = _parsed(line) if len(line) <= self._limit else None
            if found is not None:
                yield found

    def _extend(self, part: bytes) -> Iterator[bytes]:
        """Extend the current line; yield its beginning once it is too long."""
        if self._skipping:
            return
        self._line += part
        if len(self._line) > self._limit:
            self._skipping = True
            yield bytes(self._line[: self._limit + 1])
            self._line.clear()


def _parsed(line: bytes) -> dict[str, Any] | None:
    with contextlib.suppress(ValueError):
        return parsed(line)
    return None
