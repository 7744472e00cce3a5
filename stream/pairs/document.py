"""The paired browsers as a document: who they are, and what opens the door to one more.

Tokens and codes are random, so their SHA-256 digests tell nothing about them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from stream.util.validate import fields, items, line, number, parsed, pattern, whole

FORMAT = 1
MOST_PAIRS = 256
"""Most paired browsers; the least recently used one makes room."""
MOST_INVITATIONS = 16
LONGEST_NAME = 80
DIGEST = pattern("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pair:
    """One paired browser."""

    digest: str
    """Digest of its token."""
    name: str
    paired: str
    """Local time of the pairing, for people."""
    used: str
    """Day of the last use, for people."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code that pairs one browser, once."""

    digest: str
    """Digest of the code."""
    until: float
    """End of its validity (s, monotonic)."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """All paired browsers, the least recently used one first, and the open invitations."""

    pairs: tuple[Pair, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    url: str = ""
    """Address of the panel that was started last."""

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Parse the content of a file. Raises `ValueError` if it is not such a document."""
        found = fields(parsed(content), CHECKS)
        if found.get("format") != FORMAT:
            raise ValueError(f"format {found.get('format')} is not {FORMAT}")
        pairs = tuple(Pair(**each) for each in found.get("pairs", ()))
        invitations = tuple(Invitation(**each) for each in found.get("invitations", ()))
        return cls(pairs, invitations, found.get("url", ""))

    def content(self) -> bytes:
        """Return the content of the file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode() + b"\n"

    def with_pair(self, pair: Pair) -> Pairs:
        """Return the pairs with one more, under a name that no other has."""
        kept = [each for each in self.pairs if each.digest != pair.digest]
        names = {each.name for each in kept}
        number, name = 1, pair.name[:LONGEST_NAME]
        while name in names:
            number += 1
            name = f"{pair.name[:LONGEST_NAME]} ({number})"
        return replace(self, pairs=(*kept, replace(pair, name=name))[-MOST_PAIRS:])

    def has(self, digest: str) -> bool:
        """Return whether the token with this digest is one of a paired browser."""
        return any(each.digest == digest for each in self.pairs)

    def without(self, names: frozenset[str]) -> Pairs:
        """Return the pairs without those of these names."""
        return replace(self, pairs=tuple(each for each in self.pairs if each.name not in names))

    def with_invitation(self, invitation: Invitation, now: float) -> Pairs:
        """Return the pairs with one more invitation; those that have ended are left out."""
        open_ = [each for each in self.invitations if now < each.until]
        return replace(self, invitations=(*open_, invitation)[-MOST_INVITATIONS:])

    def without_invitation(self, digest: str) -> Pairs:
        """Return the pairs without an invitation that has been used."""
        kept = tuple(each for each in self.invitations if each.digest != digest)
        return replace(self, invitations=kept)


def digest_of(secret: str) -> str:
    """Return the digest of a token or a code."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _pair(value: Any) -> dict[str, Any]:
    checks = {"digest": DIGEST, "name": line, "paired": line, "used": line}
    return _complete(fields(value, checks), checks)


def _invitation(value: Any) -> dict[str, Any]:
    checks = {"digest": DIGEST, "until": number(0, 1e12)}
    return _complete(fields(value, checks), checks)


def _complete(found: dict[str, Any], checks: dict[str, Any]) -> dict[str, Any]:
    if missing := checks.keys() - found.keys():
        raise ValueError(f"{', '.join(sorted(missing))}: missing")
    return found


CHECKS = {
    "format": whole(0, 1000),
    "pairs": items(_pair, 0, MOST_PAIRS),
    "invitations": items(_invitation, 0, MOST_INVITATIONS),
    "url": line,
}
