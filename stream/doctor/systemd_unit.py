"""Checks of the services of this machine: their settings, and whether they may use the network."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from stream.config.settings import Settings, load
from stream.doctor.finding import Finding
from stream.errors import SettingsError
from stream.util.data_files import shared_files
from stream.util.installation import allow_network

SETTINGS = Path("/etc/perpetuum")
OFFLINE = {"LoadState": "loaded", "PrivateNetwork": "yes"}
"""Properties of a unit that may not use the network, as in `systemd.exec(5)`."""
SECONDS = 5.0
"""Longest wait for an answer of `systemctl`."""


def services(
    folder: Path = SETTINGS, show: Callable[[str], dict[str, str]] | None = None
) -> Iterator[Finding]:
    """Check each settings file of `folder` whose unit exists; `show` reads its properties."""
    for path in sorted(folder.glob("*.toml")):
        name = "perpetuum" if path.stem == "perpetuum" else f"perpetuum@{path.stem}"
        unit = (show or _properties)(f"{name}.service")
        if unit.get("LoadState") == "loaded":
            yield _service(name, path, is_offline=unit == OFFLINE)


def _service(name: str, path: Path, *, is_offline: bool) -> Finding:
    title = f"service {name}"
    try:
        settings = load(path, {})
    except SettingsError as error:
        remedy = f"correct it, then: sudo systemctl restart {name}"
        return Finding(title, ok=False, detail=str(error), remedy=remedy)
    served = [f"{kind} {address}" for kind, address in _served(settings) if address]
    if served and is_offline:
        detail = f"{path} sets {', '.join(served)}, but the service may not use the network"
        remedy = allow_network(name, shared_files("systemd") / "network.conf")
        return Finding(title, ok=False, detail=detail, remedy=remedy)
    controls = [*served, *([f"input {settings.input}"] if settings.input else [])]
    detail = (
        f"controlled by {', '.join(controls)}" if controls else "no panel, OSC, MQTT or MIDI input"
    )
    return Finding(title, ok=True, detail=f"{detail}, set in {path}")


def _served(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "panel", settings.panel
    yield "osc", settings.osc
    yield "mqtt", settings.mqtt


def _properties(unit: str) -> dict[str, str]:
    return properties(unit, list(OFFLINE))


def properties(unit: str, names: Sequence[str]) -> dict[str, str]:
    """Return the properties that systemd gives for a unit; none without systemd."""
    command = ["systemctl", "show", f"--property={','.join(names)}", unit]
    try:
        done = subprocess.run(  # noqa: S603 (only root chooses the unit)
            command, check=True, capture_output=True, text=True, timeout=SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(line.split("=", 1) for line in done.stdout.splitlines())
