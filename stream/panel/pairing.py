"""Who may use a panel that others reach: who has typed the code, once.

The code stands in the terminal or the journal. It buys a session, a cookie of random letters, that
lasts until it has not been used for hours. Who has guessed wrong must wait, for itself and with all
others who have; who has not guessed wrong is always heard, and so is this machine itself: however
many others guess, the owner comes in.

What guards the code is its length: 31 letters in 8 places are 8.5e11 codes. A thousand addresses
that guess together for a year, each as often as it may, find it with a chance of 1 in 1,500.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Callable

from stream.errors import StreamError

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""None that looks like another."""
LENGTH, GROUP = 8, 4
IDLE_SECONDS = 12 * 3600.0
MOST_SESSIONS = 256
"""The one that was not used for longest goes first."""
WINDOW_SECONDS = 60.0
MOST_ATTEMPTS, MOST_ATTEMPTS_OF_ALL = 5, 30
"""In a window: of one address, of all together."""
MOST_REMEMBERED = 4096
"""Wrong guesses; the oldest are forgotten first."""


class PairingError(StreamError, PermissionError):
    """A code is wrong, or it is too early for another try."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait
        """Seconds until another try is allowed."""


def new_code() -> str:
    """As `ABCD-EFGH`."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{letters[:GROUP]}-{letters[GROUP:]}"


class Pairing:
    """The code, the sessions, and who has guessed. `clock` gives monotonic seconds."""

    def __init__(self, code: str, clock: Callable[[], float]) -> None:
        self._code = _plain(code)
        self._clock = clock
        self._used: dict[bytes, float] = {}
        """When each session was used last, by the digest of its token, oldest first."""
        self._attempts: deque[tuple[float, str]] = deque(maxlen=MOST_REMEMBERED)

    def pair(self, code: str, address: str) -> str:
        """The token of a new session, for the right code. Raises `PairingError`.

        `address` says who asks; an empty one is this machine, which need not wait.
        """
        self._forget()
        wait = self._wait(address)
        known = address and any(whose == address for _, whose in self._attempts)
        if wait and known:
            raise _early(wait)
        if not hmac.compare_digest(_plain(code).encode(), self._code.encode()):
            self._attempts.append((self._clock(), address))
            if wait:
                raise _early(wait)
            raise PairingError("This is not the code. It stands where the player was started.")
        token = secrets.token_urlsafe(32)
        while len(self._used) >= MOST_SESSIONS:
            del self._used[next(iter(self._used))]
        self._used[_digest(token)] = self._clock()
        return token

    def knows(self, token: str) -> bool:
        """Whether this is the token of a session; that counts as use of it."""
        digest, now = _digest(token), self._clock()
        used = self._used.pop(digest, None)
        if used is None or now - used > IDLE_SECONDS:
            return False
        self._used[digest] = now
        return True

    def _forget(self) -> None:
        """Forget what was guessed before the window."""
        now = self._clock()
        while self._attempts and now - self._attempts[0][0] >= WINDOW_SECONDS:
            self._attempts.popleft()

    def _wait(self, address: str) -> float:
        """Seconds until who has guessed wrong may guess again; 0: at once."""
        own = [at for at, whose in self._attempts if whose == address]
        ends = [own[-MOST_ATTEMPTS]] if len(own) >= MOST_ATTEMPTS else []
        if len(self._attempts) >= MOST_ATTEMPTS_OF_ALL:
            # Whatever others do: who has not guessed wrong for a window is heard.
            ends.append(min([self._attempts[-MOST_ATTEMPTS_OF_ALL][0], *own[-1:]]))
        return max(max(ends) + WINDOW_SECONDS - self._clock(), 1.0) if ends else 0.0


def _early(wait: float) -> PairingError:
    return PairingError(f"Too many tries. Wait {wait:.0f} seconds.", wait)


def _plain(code: str) -> str:
    return "".join(c for c in code.upper() if c.isalnum())


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
