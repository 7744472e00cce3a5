"""The entities that Home Assistant shows for the player: their options, states and commands. Pure.

They are made from the state of the player and the table of controls, so that a new control with a
slider, or a new command, becomes an entity by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stream.config.settings import with_changes
from stream.config.style_syntax import written
from stream.errors import SettingsError
from stream.home.entity import (
    LONGEST_STATE,
    NONE,
    OFF,
    ON,
    Command,
    Entity,
    icon,
)
from stream.home.sensors import sensors
from stream.home.state import HomeState
from stream.music.control_row import AUTO, Control, Kind, Slider
from stream.music.controls import CONTROLS
from stream.util.validate import numeral, shown

ANY, OWN = "any", "the style's own"
"""Options of the selects for an empty style and an empty ensemble."""
VOLUME = "volume"
MOST_SLEEP = 240
"""Most minutes of the sleep timer."""
SHOWN = ("bpm", "energy", VOLUME)
"""Numbers that are shown at once; the others are disabled until a person enables them."""
UNITS = {"bpm": "bpm", "transpose": "semitones"}
NAMES = {"bpm": "Tempo", VOLUME: "Volume"}
BUTTONS: Mapping[str, tuple[str, Command]] = {
    "next": ("Next tune", {"next": True}),
    "keep": ("Keep this tune", {"keep": True}),
    "sleep": ("Sleep in 20 minutes", {"sleep": 20}),
}
"""Name and command of each button; a button is shown if the player accepts its command."""


def entities(
    state: HomeState, commands: frozenset[str], now: float, radio: str = ""
) -> Iterator[Entity]:
    """Yield all entities; `now` is monotonic (s), `radio` the URL of the radio, if there is one."""
    if not state.known:
        return
    yield from sensors(state, now, radio)
    yield _play(state)
    yield _button("play_pause", "Play or pause", lambda _: {"play": not state.playing})
    for name, (label, command) in BUTTONS.items():
        if name in commands:
            yield _button(name, label, _constant(command))
    yield _voice(state)
    yield _style(state)
    yield _ensemble(state)
    for name, control in CONTROLS.items():
        if control.bounds and (control.slider or name == VOLUME):
            yield _number(name, control, state, now)
        if control.automatic:
            yield _automatic(name)
    if "sleep" in commands:
        yield _sleep_timer(state, now)


def _play(state: HomeState) -> Entity:
    def command(payload: str) -> Command:
        if payload not in (ON, OFF):
            raise SettingsError(f"play: {shown(payload)} is neither {ON} nor {OFF}")
        return {"play": payload == ON}

    return Entity("play", "switch", icon("play"), "Play", ON if state.playing else OFF, command)


def _button(key: str, name: str, command: Callable[[str], Command]) -> Entity:
    return Entity(key, "button", icon(key), name, command=command)


def _constant(command: Command) -> Callable[[str], Command]:
    return lambda _: command


def _automatic(name: str) -> Entity:
    label = f"{_title(name, CONTROLS[name])} of the tune"
    return _button(f"{name}_auto", label, _constant({"set": {name: AUTO}}))


def _sleep_timer(state: HomeState, now: float) -> Entity:
    """Return the minutes until the music ends; 0: it plays on."""
    config = {
        "min": 0, "max": MOST_SLEEP, "step": 1, "mode": "box", "unit_of_measurement": "min",
        **icon("sleep_timer"),
    }  # fmt: skip

    def command(payload: str) -> Command:
        minutes = _number_in("sleep_timer", payload)
        if not 0 <= minutes <= MOST_SLEEP:
            raise SettingsError(f"sleep_timer: {payload} is out of range; give 0 to {MOST_SLEEP}")
        return {"sleep": minutes}

    left = str(state.sleep_minutes(now))
    return Entity("sleep_timer", "number", config, "Sleep timer", left, command)


def _voice(state: HomeState) -> Entity:
    options = _with_current(state.voices, state.voice)

    def command(payload: str) -> Command:
        return {"voice": _one_of("voice", payload, options)}

    return _select("voice", "Voice", options, state.voice, command)


def _style(state: HomeState) -> Entity:
    current = written(state.controls.style) or ANY
    options = _with_current((ANY, *state.styles), current)

    def command(payload: str) -> Command:
        style = _one_of("style", payload, options)
        return _set("style", "" if style == ANY else style, state)

    return _select("style", "Style", options, current, command)


def _ensemble(state: HomeState) -> Entity:
    current = state.ensemble or OWN
    options = _with_current((OWN, *state.ensemble_names), current)

    def command(payload: str) -> Command:
        name = _one_of("ensemble", payload, options)
        return {"set": {"ensemble": state.ensembles.requested("" if name == OWN else name)}}

    return _select("ensemble", "Ensemble", options, current, command)


def _select(
    key: str,
    name: str,
    options: tuple[str, ...],
    current: str,
    command: Callable[[str], Command],
) -> Entity:
    state = current if len(current) <= LONGEST_STATE else NONE
    return Entity(key, "select", {"options": options, **icon(key)}, name, state, command)


def _number(name: str, control: Control, state: HomeState, now: float) -> Entity:
    low, high = control.bounds or (0, 1)
    step = (control.slider or Slider("", "", 0.01)).step
    config = {"min": low, "max": high, "step": step, "mode": "slider", **icon(name)}
    if name in UNITS:
        config["unit_of_measurement"] = UNITS[name]
    if name not in SHOWN:
        config |= {"enabled_by_default": False, "entity_category": "config"}

    def command(payload: str) -> Command:
        return _set(name, _written_number(name, payload, control), state)

    return Entity(name, "number", config, _title(name, control), _value(name, state, now), command)


def _value(name: str, state: HomeState, now: float) -> str:
    """Return the value of a number; an automatic tempo is that of the tune that sounds."""
    value: float = getattr(state.controls, name)
    if CONTROLS[name].automatic and not value:
        value = state.facts(now).get("tempo", 0) if name == "bpm" else 0
        return numeral(value) if value else NONE
    return numeral(value)


def _number_in(name: str, payload: str) -> float:
    """Return the number in a payload. Raises `SettingsError`."""
    try:
        return float(payload[:40])
    except ValueError as error:
        raise SettingsError(f"{name}: {shown(payload)} is not a number") from error


def _written_number(name: str, payload: str, control: Control) -> float:
    """Return the number in a payload as the control counts. Raises `SettingsError`."""
    value = _number_in(name, payload)
    is_whole = control.kind in (Kind.WHOLE, Kind.PITCH)
    return int(value) if is_whole and value.is_integer() else value


def _set(name: str, value: Any, state: HomeState) -> Command:
    """Return the command that sets a control. Raises `SettingsError` for an invalid value."""
    changed = with_changes(state.controls, {name: value})
    return {"set": {name: value if name == "style" else getattr(changed, name)}}


def _one_of(name: str, payload: str, options: tuple[str, ...]) -> str:
    if payload not in options:
        raise SettingsError(f"{name}: {shown(payload)} is not one of {', '.join(options)}")
    return payload


def _with_current(options: tuple[str, ...], current: str) -> tuple[str, ...]:
    """Return the options, which have to include the current one, such as a blend of styles."""
    return options if current in options or not current else (*options, current)


def _title(name: str, control: Control) -> str:
    label = control.slider.label if control.slider else ""
    return NAMES.get(name) or label or name.capitalize()
