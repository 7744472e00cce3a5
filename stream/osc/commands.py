"""Translation of OSC messages into commands for the player. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stream.config.bounds import WHOLE
from stream.config.output_parts import split_parts
from stream.config.part_changes import with_switch
from stream.config.settings import with_changes
from stream.config.style_syntax import written
from stream.control.trusted_hosts import Hosts, parse_address
from stream.ensembles.remote import RemoteEnsembles
from stream.errors import SettingsError
from stream.music.controls import CONTROLS, Controls
from stream.music.part import ROLES
from stream.osc.redaction import without_folder
from stream.util.address import address_of
from stream.util.validate import shown

PREFIX = "/perpetuum/"
SENT_ONLY = ("refused", "subscribed", "state", "phrase", "notice", "saved")
"""Addresses that are sent and never received: else two players could answer each other forever."""
OUT = "out"
CC, PART = "cc", "part"
"""Addresses whose rest names a controller, or a part that is turned off and on."""
MOST_MINUTES = 24 * 60
MOST_OUTPUTS = 16
MOST_TUNES = 2**31 - 1
MOST_KNOWN = 64
"""Most outputs that are remembered."""
OUTPUT = re.compile(r"(port|virtual):[^\0]{1,200}|(port|fluidsynth|null)(=[^\0]{1,80})?")
"""Outputs that any client may request; only the owner may name files and devices."""
OTHERS = (OUT, "part/ROLE", "cc/NAME", "subscribe", "unsubscribe")
"""Further addresses, for the message about an unknown one."""
DAY_WORDS = ("until next", "follow")
CONTROLLER = re.compile(r"[A-Za-z0-9_]{1,40}")

Command = dict[str, Any]
Arguments = Sequence[Any]


class OscCommands:
    """Translator that tracks the controls, because a value must be consistent with the others."""

    def __init__(self, hosts: Hosts | None = None) -> None:
        """Allow outputs to `hosts`, besides this machine and the sender of the request."""
        self.controls = Controls()
        self._voices: tuple[str, ...] = ()
        self._ensembles = RemoteEnsembles()
        self._hosts = hosts or Hosts()
        self._outputs: list[str] = []
        """Outputs that play now."""
        self._known: dict[str, str] = {}
        """Outputs that have played, by their specifications without folders."""

    def update(self, event: Mapping[str, Any]) -> None:
        """Update the state from an event of the player. Raises `SettingsError`."""
        hello = event.get("hello")
        if isinstance(hello, dict):
            self._voices = tuple(map(str, hello.get("voices") or ()))
            self._ensembles.update(hello)
        outputs = event.get("outputs")
        if isinstance(outputs, list):
            self._outputs = [output for output in outputs if isinstance(output, str)]
            for output in self._outputs[: MOST_KNOWN - len(self._known)]:
                self._known[without_folder(output)] = output
        controls = event.get("controls")
        if isinstance(controls, dict):
            values = {name: value for name, value in controls.items() if name in CONTROLS}
            self.controls = with_changes(Controls(), values)

    def command(self, address: str, arguments: Arguments, sender: str = "") -> Command | None:
        """Return the command for a message, or None if its address is not for the player.

        `sender` is the host of the message. Raises `SettingsError` with the reason for a refusal.
        """
        if not address.startswith(PREFIX):
            return None
        name, _, rest = address.removeprefix(PREFIX).partition("/")
        if name in SENT_ONLY:
            return None
        if name in (CC, PART):
            return self._below(name, rest, arguments)
        if rest or (name not in (*CONTROLS, *COMMANDS, OUT)):
            known = ", ".join((*CONTROLS, *COMMANDS, *OTHERS))
            raise SettingsError(f"{address[:80]!r}: unknown address; known below {PREFIX}: {known}")
        if name in CONTROLS:
            return {"set": self._control(name, arguments)}
        if name == OUT:
            return {"out": self._out(arguments, sender)}
        command = COMMANDS[name](arguments)
        if command and "voice" in command and command["voice"] not in self._voices:
            known = ", ".join(self._voices) or "none"
            raise SettingsError(f"voice {shown(command['voice'])}: unknown; known are {known}")
        return command

    def _below(self, name: str, rest: str, arguments: Arguments) -> Command:
        if name == CC:
            return {CC: {_controller(rest): _whole(arguments, CC, 0, 127)}}
        return {"set": self._part(rest, arguments)}

    def _out(self, arguments: Arguments, sender: str) -> list[str]:
        """Return the requested outputs, and all files that are being recorded."""
        requested = [_text(value, "out") for value in arguments]
        if not 0 < len(requested) <= MOST_OUTPUTS:
            raise SettingsError(f"out: {len(requested)} outputs; give 1 to {MOST_OUTPUTS}")
        outputs = [self._known.get(output) or self._allowed(output, sender) for output in requested]
        recordings = [output for output in self._outputs if output.startswith("file:")]
        return list(dict.fromkeys([*outputs, *recordings]))

    def _allowed(self, output: str, sender: str) -> str:
        """Return an output that has not played yet. Raises `SettingsError` for a forbidden one."""
        kind, _, rest = split_parts(output)[0].partition(":")
        if kind == "osc":
            host = address_of(rest, "out osc:").host
            is_sender = sender and parse_address(host) == parse_address(sender) is not None
            if host not in self._hosts and not is_sender:
                raise SettingsError(
                    f"out {shown(output)}: only this machine, your own machine and the hosts in"
                    " osc_to are allowed; add the host to osc_to"
                )
        elif not OUTPUT.fullmatch(output):
            raise SettingsError(
                f"out {shown(output)}: not available through OSC; give port[:PART], virtual:NAME,"
                " osc:HOST:PORT, fluidsynth or null, or an output that has played before"
            )
        return output

    def _control(self, name: str, arguments: Arguments) -> Command:
        value = _one(arguments, name)
        if name == "ensemble":
            value = self._ensembles.requested(value)
        if name in WHOLE:
            # Pure Data and Max send every number as a float.
            value = _without_fraction(value)
        self.controls = with_changes(self.controls, {name: value})
        changed = getattr(self.controls, name)
        return {name: written(changed) if name == "style" else changed}

    def _part(self, role: str, arguments: Arguments) -> Command:
        """Return the change of the control `parts` that turns a part off (0) or on (1)."""
        if role not in ROLES:
            raise SettingsError(f"part/{role[:80]!r}: not a part; give one of {', '.join(ROLES)}")
        plays = _switch(arguments, f"part/{role}")
        return self._control("parts", [with_switch(self.controls.parts, role, plays=plays)])


def _one(arguments: Arguments, name: str) -> Any:
    if len(arguments) != 1:
        raise SettingsError(f"{name}: {len(arguments)} values; give one")
    return arguments[0]


def _without_fraction(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _whole(arguments: Arguments, name: str, low: int, high: int) -> int:
    value = _without_fraction(_one(arguments, name))
    if type(value) is not int or not low <= value <= high:
        raise SettingsError(f"{name}: {shown(value)} is not a whole number from {low} to {high}")
    return value


def _controller(name: str) -> str:
    if not CONTROLLER.fullmatch(name):
        raise SettingsError(
            f"cc/{name[:80]!r}: not a controller; send /perpetuum/cc/cutoff or /perpetuum/cc/74"
        )
    return name


def _pressed(name: str) -> Callable[[Arguments], Command | None]:
    """Return the reader of a button.

    Surfaces send 1 when a button is pressed and 0 when it is released; patches send no value.
    """

    def command(arguments: Arguments) -> Command | None:
        return {name: True} if not arguments or _switch(arguments, name) else None

    return command


def _switch(arguments: Arguments, name: str) -> bool:
    value = _one(arguments, name)
    if not isinstance(value, bool | int | float) or value not in (0, 1):
        raise SettingsError(f"{name}: {shown(value)} is neither 0 nor 1")
    return bool(value)


def _save(arguments: Arguments) -> Command:
    minutes = _one(arguments, "save") if arguments else 10
    number = isinstance(minutes, int | float) and not isinstance(minutes, bool)
    if not number or not 0 < minutes <= MOST_MINUTES:
        raise SettingsError(
            f"save: {shown(minutes)} is not a number above 0 and up to {MOST_MINUTES}"
        )
    return {"save": minutes}


def _sleep(arguments: Arguments) -> Command:
    """Return the sleep timer, set to a number of minutes; 0 cancels it."""
    minutes = _one(arguments, "sleep")
    number = isinstance(minutes, int | float) and not isinstance(minutes, bool)
    if not number or not 0 <= minutes <= MOST_MINUTES:
        raise SettingsError(f"sleep: {shown(minutes)} is not a number from 0 to {MOST_MINUTES}")
    return {"sleep": minutes}


def _day(arguments: Arguments) -> Command:
    """Return the command that overrules the day until the next entry, or lets it hold again."""
    word = _text(_one(arguments, "day"), "day")
    if word not in DAY_WORDS:
        raise SettingsError(f"day: {shown(word)} is not one of {', '.join(DAY_WORDS)}")
    return {"day": word}


def _stars(arguments: Arguments) -> Command:
    """Return stars for the current tune, or for the tune whose number is the second argument."""
    stars = _whole(arguments[:1], "stars", 1, 5)
    if len(arguments) <= 1:
        return {"stars": stars}
    return {"stars": {"stars": stars, "tune": _whole(arguments[1:], "stars", 0, MOST_TUNES)}}


def _voice(arguments: Arguments) -> Command:
    return {"voice": _text(_one(arguments, "voice"), "voice")}


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{name}: {shown(value)} is not a text")
    return value


COMMANDS: Mapping[str, Callable[[Arguments], Command | None]] = {
    "play": lambda arguments: {"play": _switch(arguments, "play")},
    "next": _pressed("next"),
    "panic": _pressed("panic"),
    "sleep": _sleep,
    "day": _day,
    "save": _save,
    "keep": _pressed("keep"),
    "stars": _stars,
    "voice": _voice,
}
