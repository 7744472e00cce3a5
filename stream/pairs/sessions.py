"""The sessions of paired browsers: in memory, and in a file that outlives the panel."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from stream.pairs.document import Invitation, Pair, Pairs, digest_of
from stream.pairs.store import PairStore, Signature, UnusableError

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters and digits that cannot be mistaken for each other."""
INVITATION_LENGTH = 12
INVITATION_SECONDS = 600.0
"""Validity of an invitation."""


def new_invitation(now: float) -> tuple[str, Invitation]:
    """Return a random code and its invitation; `now` is monotonic (s)."""
    code = "".join(secrets.choice(LETTERS) for _ in range(INVITATION_LENGTH))
    return code, Invitation(digest_of(code), now + INVITATION_SECONDS)


class Sessions:
    """All sessions. Without a store, or if it cannot be used, they end with the panel.

    A fault of the store is told once, by `tell`; nobody is locked out by it. `clock` returns
    seconds of the system's monotonic clock.
    """

    def __init__(
        self,
        store: PairStore | None = None,
        tell: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._tell, self._clock = store, tell, clock
        self._pairs = Pairs()
        self._unsaved: dict[str, Pair] = {}
        """Sessions that are not in the file, by digest."""
        self._signature: Signature = None
        self._told = ""

    def open(self, url: str = "") -> None:
        """Read the sessions, and note the address of the panel for `perpetuum pairs add`."""
        self._change(lambda pairs: replace(pairs, url=url))

    def add(self, name: str) -> str:
        """Return the token of a new session of a browser that people call `name`."""
        token = secrets.token_urlsafe(32)
        now = _now()
        pair = Pair(digest_of(token), f"{name} {now}", now, now[:10])
        self._unsaved[pair.digest] = pair
        self._change(lambda pairs: pairs)
        return token

    def has(self, token: str) -> bool:
        """Return whether the token has a session; this counts as a use of it."""
        self._refresh()
        digest = digest_of(token)
        pair = next((each for each in self._pairs.pairs if each.digest == digest), None)
        if pair is None:
            return False
        # A card wears out, and a clock that is wrong does no harm: once a day, for people.
        if pair.used != (today := _now()[:10]):
            self._change(lambda pairs: _used(pairs, digest, today))
        return True

    def invite(self) -> str:
        """Return a code that pairs one browser, once, within `INVITATION_SECONDS`."""
        code, invitation = new_invitation(self._clock())
        self._change(lambda pairs: pairs.with_invitation(invitation, self._clock()))
        return code

    def redeem(self, code: str) -> bool:
        """Return whether the code is that of an invitation, which then ends."""
        self._refresh()
        digest, now = digest_of(code), self._clock()
        valid = any(
            each.digest == digest and now < each.until <= now + INVITATION_SECONDS
            for each in self._pairs.invitations
        )
        if valid:
            self._change(lambda pairs: pairs.without_invitation(digest))
        return valid

    def _change(self, change: Callable[[Pairs], Pairs]) -> None:
        """Apply a change to the file, or only to the memory if the file cannot be written."""
        if self._store is None:
            self._pairs = change(self._complete(self._pairs))
            self._unsaved.clear()
            return
        try:
            self._pairs, notice = self._store.change(lambda pairs: change(self._complete(pairs)))
            self._signature = self._store.signature()
        except OSError as error:
            self._pairs = change(self._complete(self._pairs))
            self._report(
                f"{self._store.path}: {error.strerror or error}; browsers that pair now have to"
                " pair again after a restart"
            )
            return
        self._unsaved.clear()
        self._told = ""
        if notice:
            self._report(notice)

    def _refresh(self) -> None:
        """Read the file if another program has changed it, such as `perpetuum pairs revoke`."""
        if self._store is None:
            return
        try:
            signature = self._store.signature()
            if signature == self._signature:
                return
            pairs = self._store.read()
        except (OSError, UnusableError):
            return  # all that are paired stay so; the next change tells the fault
        self._signature = signature
        self._pairs = self._complete(pairs)

    def _complete(self, pairs: Pairs) -> Pairs:
        """Return the pairs with those that could not be saved."""
        for pair in self._unsaved.values():
            pairs = pairs if pairs.has(pair.digest) else pairs.with_pair(pair)
        return pairs

    def _report(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._tell(f"panel: {text}")


def _used(pairs: Pairs, digest: str, day: str) -> Pairs:
    """Return the pairs with this one as the last used."""
    found = [replace(each, used=day) for each in pairs.pairs if each.digest == digest]
    others = (each for each in pairs.pairs if each.digest != digest)
    return replace(pairs, pairs=(*others, *found))


def _now() -> str:
    """Return the local time in minutes, for people."""
    return datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H:%M")
