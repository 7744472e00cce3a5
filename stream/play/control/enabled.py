"""The controllers that the settings enable."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from stream.control.trusted_hosts import Hosts
from stream.errors import SettingsError
from stream.pairs.own_code import own_code
from stream.play.control.command_schema import COMMANDS
from stream.play.control.process import ControllerProcess
from stream.util.installation import install_extra

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.config.settings import Settings

FAREWELL_SECONDS = 1.0
"""Time (s) for the farewell of the controller in the house."""


@dataclass(frozen=True, slots=True)
class ControllerCommand:
    """The command of a controller process."""

    module: str
    settings: Mapping[str, Any]
    farewell_seconds: float = 0.0
    """Time (s) that the process has at the end to withdraw what it has announced."""

    def start(self) -> ControllerProcess:
        """Start the process. Raises `SettingsError`."""
        return ControllerProcess(self.module, self.settings, farewell=self.farewell_seconds)


def enabled_controllers(settings: Settings) -> list[ControllerCommand]:
    """Return the commands to start. Raises `SettingsError` if a library is not installed."""
    commands = []
    if settings.panel:
        _require("aiohttp", f"--panel {settings.panel}", "panel")
        has_terminal = sys.stdout.isatty()
        own_code(settings.pairing_code, os.environ)
        options = {
            "address": settings.panel,
            "open": has_terminal,
            "pairing_code": settings.pairing_code,
        }
        commands.append(ControllerCommand("stream.panel", options))
    if settings.osc:
        _require("pythonosc", f"--osc {settings.osc}", "osc")
        Hosts.of(settings.osc_to, "--osc-to")
        osc = {"address": settings.osc, "to": list(settings.osc_to)}
        commands.append(ControllerCommand("stream.osc", osc))
    if settings.clock == "link":
        _require("aalink", "--clock link", "link")
    if settings.input or settings.clock in {"follow", "link"}:
        names = ("input", "map", "answer", "thru", "clock")
        options = {name: getattr(settings, name) for name in names}
        commands.append(ControllerCommand("stream.midi_in", options))
    if settings.mqtt or settings.mdns:
        commands.append(_home(settings))
    return commands


def _home(settings: Settings) -> ControllerCommand:
    """Return the command for home automation and announcements."""
    if settings.mqtt:
        _require("aiomqtt", f"--mqtt {settings.mqtt}", "home")
    if settings.mdns:
        _require("zeroconf", "--mdns", "home")
    names = ("mqtt", "mqtt_credentials", "mqtt_tls", "mqtt_ca", "mdns", "name", "panel", "osc")
    options = {name: getattr(settings, name) for name in names}
    return ControllerCommand(
        "stream.home", {**options, "commands": sorted(COMMANDS)}, FAREWELL_SECONDS
    )


def _require(library: str, origin: str, extra: str) -> None:
    if find_spec(library) is None:
        raise SettingsError(f"{origin}: {library} is not installed; run: {install_extra(extra)}")
