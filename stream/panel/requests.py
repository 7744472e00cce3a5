"""What browsers may ask for: each wish looked at before the player hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stream.config.settings import moved
from stream.errors import SettingsError
from stream.music.ratings import STARS
from stream.panel.state import State
from stream.util.validate import Check, flag, items, line, number, parsed, shown, table, whole

MOST_BYTES = 8192
"""In a message of a browser."""
MOST_ID = 2**53
LONGEST_TEXT = 1000
MOST_MINUTES = 24 * 60
MOST_OUTPUTS = 8
MOST_CONTROLLERS = 32

_NUMBER_OF_STARS = whole(STARS[0], STARS[-1])

Wish = dict[str, Any]


def read(message: str | bytes) -> tuple[int, Wish]:
    """The number of a message and the one wish in it. Raises `SettingsError`.

    An error has the number too, as `number_of` finds it.
    """
    if len(message) > MOST_BYTES:
        raise SettingsError(f"a message of {len(message)} bytes; {MOST_BYTES} at most")
    document = _document(message)
    number_ = number_of(document)
    if number_ is None:
        raise SettingsError(f"id: is no whole number from 0 to {MOST_ID}")
    wish = {name: value for name, value in document.items() if name != "id"}
    if len(wish) != 1:
        raise SettingsError(f"{len(wish)} wishes in a message; give one of {', '.join(REQUESTS)}")
    return number_, wish


def number_of(document: Mapping[str, Any]) -> int | None:
    """What the answer is to carry; None where the message has no number."""
    try:
        return int(whole(0, MOST_ID)(document.get("id")))
    except ValueError:
        return None


def number_in(message: str | bytes) -> int | None:
    """The same of a message that was refused."""
    try:
        return number_of(_document(message)) if len(message) <= MOST_BYTES else None
    except SettingsError:
        return None


def checked_request(wish: Wish, state: State) -> Wish:
    """The wish as the player may hear it. Raises `SettingsError` with the reason it may not."""
    ((name, value),) = wish.items()
    if name not in REQUESTS:
        raise SettingsError(f"{shown(name)}: no such wish; give one of {', '.join(REQUESTS)}")
    try:
        return {name: REQUESTS[name](value, state)}
    except SettingsError:
        raise
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from error


def _document(message: str | bytes) -> dict[str, Any]:
    try:
        return parsed(message)
    except ValueError as error:
        raise SettingsError(f"no message: {error}") from error


def _set(value: Any, state: State) -> dict[str, Any]:
    wishes: dict[str, Any] = table(_brief, _plain, 32)(value)
    controls = moved(state.controls, wishes)
    for name, _ in (part for blend in controls.style for part in blend):
        if state.styles and "style" in wishes and name not in state.styles:
            raise SettingsError(f"style {shown(name)}: there are {', '.join(state.styles)}")
    return {k: wishes[k] if k == "style" else getattr(controls, k) for k in wishes}


def _plain(value: Any) -> Any:
    return _brief(value) if isinstance(value, str) else value


def _brief(value: Any) -> str:
    if len(line(value)) > LONGEST_TEXT:
        raise ValueError(f"a text of {len(value)} letters; {LONGEST_TEXT} at most")
    return str(value)


def _true(value: Any) -> bool:
    if value is not True:
        raise ValueError(f"{shown(value)} is not true")
    return True


def _one_of(value: Any, there: tuple[str, ...]) -> str:
    if _brief(value) not in there:
        raise ValueError(f"{shown(value)} is not there; there are {', '.join(there) or 'none'}")
    return str(value)


def _outputs(value: Any, state: State) -> list[str]:
    # Only what was offered: a browser must not name files or devices of this machine.
    return list(items(lambda each: _one_of(each, state.outputs), 1, MOST_OUTPUTS)(value))


def _controllers(value: Any, state: State) -> dict[str, int]:
    def known(name: Any) -> str:
        if _brief(name) not in state.controllers:
            raise ValueError(f"{shown(name)} is no controller of the profile")
        return str(name)

    found: dict[str, int] = table(known, whole(0, 127), MOST_CONTROLLERS)(value)
    return found


def _stars(value: Any, _: State) -> Any:
    """Stars for the tune that sounds, or `{"stars": 4, "tune": 17}` for the one that was shown."""
    if not isinstance(value, dict):
        return _NUMBER_OF_STARS(value)
    if value.keys() != {"stars", "tune"}:
        raise ValueError(f"{shown(value)} are no stars for a tune")
    return {"stars": _NUMBER_OF_STARS(value["stars"]), "tune": whole(0, MOST_ID)(value["tune"])}


def _as(check: Check) -> Callable[[Any, State], Any]:
    return lambda value, _: check(value)


REQUESTS: dict[str, Callable[[Any, State], Any]] = {
    "set": _set,
    "play": _as(flag),
    "next": _as(_true),
    "panic": _as(_true),
    "save": _as(number(0.1, MOST_MINUTES)),
    "stars": _stars,
    "out": _outputs,
    "voice": lambda value, state: _one_of(value, state.voices),
    "cc": _controllers,
}
"""By name, what makes the value fit or says why not."""
