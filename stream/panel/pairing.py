"""Pairing of browsers with a panel that other machines reach, by a code that is typed once.

The code is shown in the terminal or the journal, or is of the owner's own choice. It opens a
session, a cookie of random letters, which lasts until it is revoked. An address that has guessed
wrong must wait, because of its own guesses and because of those of all others; an address without
wrong guesses, and this machine, may always try, so that others cannot lock the owner out.

The code is protected by its length: 31 letters in 8 places are 8.5e11 codes. A thousand addresses
that guess together for a year, each as often as allowed, find it with a chance of 1 in 1,500.
"""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from collections.abc import Callable

from stream.errors import StreamError
from stream.pairs.own_code import plain_code
from stream.pairs.sessions import LETTERS, Sessions

LENGTH, GROUP = 8, 4
WINDOW_SECONDS = 60.0
MOST_ATTEMPTS, MOST_ATTEMPTS_OF_ALL = 5, 30
"""Most wrong guesses per window of one address and of all addresses."""
MOST_REMEMBERED = 4096
"""Most wrong guesses that are remembered; the oldest are forgotten first."""


class PairingError(StreamError, PermissionError):
    """The code is wrong, or it is too early for another try."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait
        """Seconds until another try is allowed."""


def new_code() -> str:
    """Return a random code such as `ABCD-EFGH`."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{letters[:GROUP]}-{letters[GROUP:]}"


class Pairing:
    """The code, the sessions and the wrong guesses. `clock` returns monotonic seconds."""

    def __init__(
        self, code: str, clock: Callable[[], float], sessions: Sessions | None = None
    ) -> None:
        self._code = plain_code(code)
        self._clock = clock
        self.sessions = sessions or Sessions(clock=clock)
        self._attempts: deque[tuple[float, str]] = deque(maxlen=MOST_REMEMBERED)

    def pair(self, code: str, address: str, name: str = "browser") -> str:
        """Return the token of a new session for the right code, or for that of an invitation.

        `address` is the client's; an empty one is this machine, which need not wait. `name` is
        what people call the browser. Raises `PairingError`.
        """
        self._forget()
        wait = self._wait(address)
        known = address and any(other == address for _, other in self._attempts)
        if wait and known:
            raise _early(wait)
        if not self._is_right(plain_code(code)):
            self._attempts.append((self._clock(), address))
            if wait:
                raise _early(wait)
            raise PairingError("Wrong code. The player shows the code where it was started.")
        return self.sessions.add(name)

    def has_session(self, token: str) -> bool:
        """Return whether the token has a session; this counts as a use of it."""
        return self.sessions.has(token)

    def _is_right(self, code: str) -> bool:
        is_code = hmac.compare_digest(code.encode(errors="replace"), self._code.encode())
        return is_code or self.sessions.redeem(code)

    def _forget(self) -> None:
        """Forget the guesses before the window."""
        now = self._clock()
        while self._attempts and now - self._attempts[0][0] >= WINDOW_SECONDS:
            self._attempts.popleft()

    def _wait(self, address: str) -> float:
        """Return the seconds until an address may guess again; 0: at once."""
        own = [at for at, other in self._attempts if other == address]
        ends = [own[-MOST_ATTEMPTS]] if len(own) >= MOST_ATTEMPTS else []
        if len(self._attempts) >= MOST_ATTEMPTS_OF_ALL:
            # An address without wrong guesses in the window is not affected by others.
            ends.append(min([self._attempts[-MOST_ATTEMPTS_OF_ALL][0], *own[-1:]]))
        return max(max(ends) + WINDOW_SECONDS - self._clock(), 1.0) if ends else 0.0


def _early(wait: float) -> PairingError:
    return PairingError(f"Too many tries. Wait {wait:.0f} seconds.", wait)
