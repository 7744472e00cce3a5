"""The targets of knobs and buttons: controls, walks between styles or ensembles, and actions."""

from __future__ import annotations

import math

from stream.config.style_syntax import parse_style
from stream.ensembles.remote import RemoteEnsembles
from stream.errors import SettingsError
from stream.music.controls import AUTO, AUTOMATIC, CONTROLS
from stream.music.part import ROLES
from stream.util.suggestion import did_you_mean, meant
from stream.util.validate import shown

ACTIONS = ("play", "next", "panic", "tap")
"""Actions of a button; `play` also pauses, `tap` is pressed in the tempo."""
RANGED = tuple(name for name, control in CONTROLS.items() if control.bounds)
"""Controls whose values are numbers."""
STYLE, ENSEMBLE, PART = "style:", "ensemble:", "part:"
"""Openings of the controls that say between which styles or ensembles a knob goes, and of the
actions that switch a part."""
PARTS = tuple(f"{PART}{role}" for role in ROLES)
AUTOS = tuple(f"{name}:{AUTO}" for name in sorted(AUTOMATIC))
"""Actions that leave the value of a control to the music again."""
BUTTONS = frozenset({*ACTIONS, *PARTS, *AUTOS})
"""Controls that a button operates."""
KNOWN = (*RANGED, *ACTIONS, *PARTS, *AUTOS)
"""Names of controls that need nothing else."""
DIGITS = 4
"""Significant digits of a weight: finer than the steps of a control change."""


def control_of(control: object, origin: str) -> str:
    """Return the full name of a control or an action. Raises `SettingsError` for anything else."""
    if isinstance(control, str):
        control = meant(control, KNOWN)
        if control in KNOWN:
            return control
        if control.startswith(STYLE):
            return _two_styles(control, origin)
        if control.startswith(ENSEMBLE):
            return _walk(control, origin)
    names = ", ".join((*RANGED, *ACTIONS, *AUTOS))
    raise SettingsError(
        f"{origin}: {shown(control)} is not a control; use {names},"
        f" style:ONE/OTHER, ensemble:ONE/OTHER, {PART}ROLE{did_you_mean(str(control), KNOWN)}"
    )


def _two_styles(control: str, origin: str) -> str:
    try:
        blends = parse_style(control.removeprefix(STYLE))
    except SettingsError:
        blends = ()
    if len(blends) != 2 or any(len(blend) != 1 for blend in blends):
        raise SettingsError(
            f"{origin}: {shown(control)}: write two styles, such as style:bach/jazz"
        )
    return STYLE + "/".join(blend[0][0] for blend in blends)


def available(ensemble: object, origin: str) -> str:
    """Return the name of a shipped ensemble as it is spelled. Raises `SettingsError`."""
    try:
        return RemoteEnsembles().requested(ensemble)
    except SettingsError as error:
        raise SettingsError(f"{origin}: {error}") from error


def _walk(control: str, origin: str) -> str:
    names = control.removeprefix(ENSEMBLE).split("/")
    if not all(names):
        raise SettingsError(f"{origin}: write ensembles, such as ensemble:folk/jazz/band")
    return ENSEMBLE + "/".join(available(name, origin) for name in names)


def between(control: str, position: int, most: int) -> str:
    """Return the blend or the ensemble at a position, 0 to `most`, of a walk."""
    kind, _, walk = control.partition(":")
    places = walk.split("/")
    if kind == "style":
        return _blend(places[0], places[1], position / most)
    return places[position * len(places) // (most + 1)]


def _blend(first: str, second: str, share: float) -> str:
    """Return a blend with `share` (0-1) of the second style, in which no style has weight 0."""
    if first == second or math.isclose(share, 0):
        return first
    if math.isclose(share, 1):
        return second
    return f"{first}:{1 - share:.{DIGITS}g},{second}:{share:.{DIGITS}g}"
