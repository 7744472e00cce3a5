"""What an OSC message asks for: a command to the player, or a refusal. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stream.config.bounds import WHOLE
from stream.config.settings import moved
from stream.config.style_syntax import written
from stream.control.trusted_hosts import Hosts, numbered
from stream.errors import SettingsError
from stream.music.controls import CONTROLS, Controls
from stream.osc.redaction import named
from stream.util.address import address_of
from stream.util.validate import shown

PREFIX = "/perpetuum/"
OURS = ("refused", "subscribed", "state", "phrase", "notice", "saved")
"""Below the prefix, what is sent and never heard: else two players could talk for ever."""
OUT = "out"
MOST_MINUTES = 24 * 60
MOST_OUTPUTS = 16
MOST_TUNES = 2**31 - 1
MOST_KNOWN = 64
"""Outputs that are remembered."""
OUTPUT = re.compile(r"(port|virtual):[^\0]{1,200}|port|fluidsynth|null")
"""Outputs that anybody may ask for: those that write files and devices are the owner's."""
CONTROLLER = re.compile(r"[A-Za-z0-9_]{1,40}")

Command = dict[str, Any]
Arguments = Sequence[Any]


class OscCommands:
    """Reads messages; knows how the controls stand, because a wish must fit to the others."""

    def __init__(self, hosts: Hosts | None = None) -> None:
        """`hosts` may be sent to, beside this machine and who asks for it."""
        self.controls = Controls()
        self._voices: tuple[str, ...] = ()
        self._hosts = hosts or Hosts()
        self._outputs: list[str] = []
        """Outputs that play now ..."""
        self._known: dict[str, str] = {}
        """... and all that ever played, by the names that they are told by."""

    def heed(self, event: Mapping[str, Any]) -> None:
        """Learn from an event of the player how things stand."""
        hello = event.get("hello")
        if isinstance(hello, dict):
            self._voices = tuple(map(str, hello.get("voices") or ()))
        outputs = event.get("outputs")
        if isinstance(outputs, list):
            self._outputs = [output for output in outputs if isinstance(output, str)]
            for output in self._outputs[: MOST_KNOWN - len(self._known)]:
                self._known[named(output)] = output
        controls = event.get("controls")
        if isinstance(controls, dict):
            values = {name: value for name, value in controls.items() if name in CONTROLS}
            self.controls = moved(Controls(), values)

    def command(self, address: str, arguments: Arguments, asker: str = "") -> Command | None:
        """What the message asks for; None for what is not said to us. `asker` is its host.

        Raises `SettingsError` with the reason for a refusal.
        """
        if not address.startswith(PREFIX):
            return None
        name, _, rest = address.removeprefix(PREFIX).partition("/")
        if name in OURS:
            return None
        if name == "cc":
            return {"cc": {_controller(rest): _whole(arguments, "cc", 0, 127)}}
        if rest or (name not in (*CONTROLS, *ACTS, OUT)):
            known = ", ".join((*CONTROLS, *ACTS, OUT, "cc/NAME", "subscribe", "unsubscribe"))
            raise SettingsError(f"{address[:80]!r}: no such address; below {PREFIX}: {known}")
        if name in CONTROLS:
            return {"set": self._control(name, arguments)}
        if name == OUT:
            return {"out": self._out(arguments, asker)}
        command = ACTS[name](arguments)
        if command and "voice" in command and command["voice"] not in self._voices:
            known = ", ".join(self._voices) or "none"
            raise SettingsError(f"voice {shown(command['voice'])}: unknown; there are {known}")
        return command

    def _out(self, arguments: Arguments, asker: str) -> list[str]:
        """The outputs that are asked for; a recording that runs goes on in any case."""
        wanted = [_text(value, "out") for value in arguments]
        if not 0 < len(wanted) <= MOST_OUTPUTS:
            raise SettingsError(f"out: {len(wanted)} outputs; give 1 to {MOST_OUTPUTS}")
        outputs = [self._known.get(output) or self._allowed(output, asker) for output in wanted]
        recordings = [output for output in self._outputs if output.startswith("file:")]
        return list(dict.fromkeys([*outputs, *recordings]))

    def _allowed(self, output: str, asker: str) -> str:
        """An output that is not known yet. Raises `SettingsError` for the owner's alone."""
        kind, _, rest = output.partition(":")
        if kind == "osc":
            host = address_of(rest, "out osc:").host
            is_asker = asker and numbered(host) == numbered(asker) is not None
            if host not in self._hosts and not is_asker:
                raise SettingsError(
                    f"out {shown(output)}: is sent to this machine, to who asks, and to the hosts"
                    " of osc_to alone; list it there"
                )
        elif not OUTPUT.fullmatch(output):
            raise SettingsError(
                f"out {shown(output)}: not to be had by OSC; give port[:PART], virtual:NAME,"
                " osc:HOST:PORT, fluidsynth or null, or an output that played before"
            )
        return output

    def _control(self, name: str, arguments: Arguments) -> Command:
        wish = _one(arguments, name)
        if name in WHOLE:
            # Pure Data and Max send every number as a fraction.
            wish = _without_fraction(wish)
        self.controls = moved(self.controls, {name: wish})
        value = getattr(self.controls, name)
        return {name: written(value) if name == "style" else value}


def _one(arguments: Arguments, name: str) -> Any:
    if len(arguments) != 1:
        raise SettingsError(f"{name}: {len(arguments)} values; give one")
    return arguments[0]


def _without_fraction(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _whole(arguments: Arguments, name: str, low: int, high: int) -> int:
    value = _without_fraction(_one(arguments, name))
    if type(value) is not int or not low <= value <= high:
        raise SettingsError(f"{name}: {shown(value)} is no whole number from {low} to {high}")
    return value


def _controller(name: str) -> str:
    if not CONTROLLER.fullmatch(name):
        raise SettingsError(
            f"cc/{name[:80]!r}: no controller; write /perpetuum/cc/cutoff, or cc/74"
        )
    return name


def _pressed(name: str) -> Callable[[Arguments], Command | None]:
    """A button: a surface sends 1 when it is pressed and 0 when it is let go, a patch nothing."""

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
        raise SettingsError(f"save: {shown(minutes)} is no number above 0, up to {MOST_MINUTES}")
    return {"save": minutes}


def _stars(arguments: Arguments) -> Command:
    """For the tune that sounds, or for the one whose number is the second argument."""
    stars = _whole(arguments[:1], "stars", 1, 5)
    if len(arguments) <= 1:
        return {"stars": stars}
    return {"stars": {"stars": stars, "tune": _whole(arguments[1:], "stars", 0, MOST_TUNES)}}


def _voice(arguments: Arguments) -> Command:
    return {"voice": _text(_one(arguments, "voice"), "voice")}


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{name}: {shown(value)} is no text")
    return value


ACTS: Mapping[str, Callable[[Arguments], Command | None]] = {
    "play": lambda arguments: {"play": _switch(arguments, "play")},
    "next": _pressed("next"),
    "panic": _pressed("panic"),
    "save": _save,
    "stars": _stars,
    "voice": _voice,
}
