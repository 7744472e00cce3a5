"""Which hands the settings ask for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from stream.control.trusted_hosts import Hosts
from stream.errors import SettingsError
from stream.play.control.process import ControllerProcess
from stream.util.installation import install_extra

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.config.settings import Settings


@dataclass(frozen=True, slots=True)
class ControllerCommand:
    """A hand that is to be started."""

    module: str
    settings: Mapping[str, Any]

    def start(self) -> ControllerProcess:
        return ControllerProcess(self.module, self.settings)


def enabled_controllers(settings: Settings) -> list[ControllerCommand]:
    """The hands, to be started. Raises `SettingsError` where one lacks a library."""
    wanted = []
    if settings.panel:
        _need("aiohttp", f"--panel {settings.panel}", "panel")
        somebody = sys.stdout.isatty()
        wanted.append(
            ControllerCommand("stream.panel", {"address": settings.panel, "open": somebody})
        )
    if settings.osc:
        _need("pythonosc", f"--osc {settings.osc}", "osc")
        Hosts.of(settings.osc_to, "--osc-to")
        asked = {"address": settings.osc, "to": list(settings.osc_to)}
        wanted.append(ControllerCommand("stream.osc", asked))
    if settings.clock == "link":
        _need("aalink", "--clock link", "link")
    if settings.input or settings.clock in {"follow", "link"}:
        names = ("input", "map", "answer", "thru", "clock")
        given = {name: getattr(settings, name) for name in names}
        wanted.append(ControllerCommand("stream.midi_in", given))
    return wanted


def _need(library: str, origin: str, extra: str) -> None:
    if find_spec(library) is None:
        raise SettingsError(f"{origin}: {library} is not installed; run: {install_extra(extra)}")
