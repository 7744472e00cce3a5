"""Checks of the requests of browsers before they are forwarded to the player."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stream.config.settings import with_changes
from stream.errors import SettingsError
from stream.kept.library import KEPT_NAME
from stream.music.ratings import STARS
from stream.panel.state import State
from stream.util.validate import (
    Check,
    flag,
    items,
    line,
    number,
    one_of,
    parsed,
    pattern,
    shown,
    table,
    whole,
)

MOST_BYTES = 8192
"""Size limit of a browser's message."""
MOST_ID = 2**53
LONGEST_TEXT = 1000
MOST_MINUTES = 24 * 60
MOST_OUTPUTS = 8
MOST_CONTROLLERS = 32

_NUMBER_OF_STARS = whole(STARS[0], STARS[-1])

Request = dict[str, Any]


def read(message: str | bytes) -> tuple[int, Request]:
    """Return the number of a message and its single request. Raises `SettingsError`.

    `number_in` finds the number for the answer to an invalid message.
    """
    if len(message) > MOST_BYTES:
        raise SettingsError(f"a message of {len(message)} bytes is too long; {MOST_BYTES} at most")
    document = _document(message)
    number_ = number_of(document)
    if number_ is None:
        raise SettingsError(f"id is not a whole number from 0 to {MOST_ID}")
    request = {name: value for name, value in document.items() if name != "id"}
    if len(request) != 1:
        raise SettingsError(
            f"{len(request)} requests in a message; give one of {', '.join(REQUESTS)}"
        )
    return number_, request


def number_of(document: Mapping[str, Any]) -> int | None:
    """Return the number of a message, which its answer repeats; None if it has no number."""
    try:
        return int(whole(0, MOST_ID)(document.get("id")))
    except ValueError:
        return None


def number_in(message: str | bytes) -> int | None:
    """Return the number of a message that may be invalid; None if it has no number."""
    try:
        return number_of(_document(message)) if len(message) <= MOST_BYTES else None
    except SettingsError:
        return None


def checked_request(request: Request, state: State) -> Request:
    """Return the request in the form for the player. Raises `SettingsError` with the reason."""
    ((name, value),) = request.items()
    if name not in REQUESTS:
        raise SettingsError(f"{shown(name)}: unknown request; give one of {', '.join(REQUESTS)}")
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
        raise SettingsError(f"invalid message: {error}") from error


def _set(value: Any, state: State) -> dict[str, Any]:
    changes: dict[str, Any] = table(_brief, _plain, 32)(value)
    if "ensemble" in changes:
        # Only an available one: a browser must not name files of this machine.
        changes = {**changes, "ensemble": state.ensembles.requested(changes["ensemble"])}
    controls = with_changes(state.controls, changes)
    for name, _ in (part for blend in controls.style for part in blend):
        if state.styles and "style" in changes and name not in state.styles:
            raise SettingsError(
                f"style {shown(name)}: unknown; known are {', '.join(state.styles)}"
            )
    return {k: changes[k] if k == "style" else getattr(controls, k) for k in changes}


def _plain(value: Any) -> Any:
    return _brief(value) if isinstance(value, str) else value


def _brief(value: Any) -> str:
    if len(line(value)) > LONGEST_TEXT:
        raise ValueError(f"a text of {len(value)} letters is too long; {LONGEST_TEXT} at most")
    return str(value)


def _true(value: Any) -> bool:
    if value is not True:
        raise ValueError(f"{shown(value)}: the value must be true")
    return True


def _one_of(value: Any, available: tuple[str, ...]) -> str:
    if _brief(value) not in available:
        raise ValueError(
            f"{shown(value)} is not available; available: {', '.join(available) or 'none'}"
        )
    return str(value)


def _outputs(value: Any, state: State) -> list[str]:
    # Only available outputs: a browser must not name files or devices of this machine.
    return list(items(lambda each: _one_of(each, state.outputs), 1, MOST_OUTPUTS)(value))


def _controllers(value: Any, state: State) -> dict[str, int]:
    def known(name: Any) -> str:
        if _brief(name) not in state.controllers:
            raise ValueError(f"{shown(name)} is not a controller of the profile")
        return str(name)

    found: dict[str, int] = table(known, whole(0, 127), MOST_CONTROLLERS)(value)
    return found


def _stars(value: Any, _: State) -> Any:
    """Return stars for the current tune, or `{"stars": 4, "tune": 17}` for a tune by its number."""
    if not isinstance(value, dict):
        return _NUMBER_OF_STARS(value)
    if value.keys() != {"stars", "tune"}:
        raise ValueError(f"{shown(value)} is not an object of stars and tune")
    return {"stars": _NUMBER_OF_STARS(value["stars"]), "tune": whole(0, MOST_ID)(value["tune"])}


def _keep(value: Any, _: State) -> Any:
    """Return True for the current tune, or `{"tune": 17}` for a tune by its number."""
    if not isinstance(value, dict):
        return _true(value)
    if value.keys() != {"tune"}:
        raise ValueError(f"{shown(value)} is not an object of a tune")
    return {"tune": whole(0, MOST_ID)(value["tune"])}


def _as(check: Check) -> Callable[[Any, State], Any]:
    return lambda value, _: check(value)


REQUESTS: dict[str, Callable[[Any, State], Any]] = {
    "set": _set,
    "play": _as(flag),
    "next": _as(_true),
    "sleep": _as(number(0, MOST_MINUTES)),
    "day": _as(one_of(("until next", "follow"))),
    "panic": _as(_true),
    "save": _as(number(0.1, MOST_MINUTES)),
    "stars": _stars,
    "keep": _keep,
    "again": _as(pattern(KEPT_NAME)),
    "like": _as(pattern(KEPT_NAME)),
    "unlike": _as(pattern(KEPT_NAME)),
    "kept": _as(_true),
    "delete": _as(pattern(KEPT_NAME)),
    "out": _outputs,
    "voice": lambda value, state: _one_of(value, state.voices),
    "cc": _controllers,
}
"""Check of the value of each request, by name."""
