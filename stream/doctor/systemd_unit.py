"""The service of this machine: by what hands it is to be played, and whether they reach it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from stream.config.settings import Settings, load
from stream.doctor.finding import Finding
from stream.errors import SettingsError
from stream.util.data_files import shared_files
from stream.util.installation import with_network

SETTINGS = Path("/etc/perpetuum")
SHUT = {"LoadState": "loaded", "PrivateNetwork": "yes"}
"""Properties of a unit that may use no network, as in `systemd.exec(5)`."""
SECONDS = 5.0


def services(
    folder: Path = SETTINGS, show: Callable[[str], dict[str, str]] | None = None
) -> Iterator[Finding]:
    """A finding for each settings file of `folder` whose unit is there; `show` tells of units."""
    for path in sorted(folder.glob("*.toml")):
        name = "perpetuum" if path.stem == "perpetuum" else f"perpetuum@{path.stem}"
        unit = (show or _properties)(f"{name}.service")
        if unit.get("LoadState") == "loaded":
            yield _service(name, path, is_shut=unit == SHUT)


def _service(name: str, path: Path, *, is_shut: bool) -> Finding:
    title = f"service {name}"
    try:
        settings = load(path, {})
    except SettingsError as error:
        remedy = f"mend it, then: sudo systemctl restart {name}"
        return Finding(title, ok=False, detail=str(error), remedy=remedy)
    served = [f"{hand} {at}" for hand, at in _served(settings) if at]
    if served and is_shut:
        detail = f"{path} sets {', '.join(served)}, but the service may use no network"
        remedy = with_network(name, shared_files("systemd") / "network.conf")
        return Finding(title, ok=False, detail=detail, remedy=remedy)
    hands = [*served, *([f"input {settings.input}"] if settings.input else [])]
    by = f"played by {', '.join(hands)}" if hands else "by no hand"
    return Finding(title, ok=True, detail=f"{by}, as {path} says")


def _served(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "panel", settings.panel
    yield "osc", settings.osc


def _properties(unit: str) -> dict[str, str]:
    return properties(unit, list(SHUT))


def properties(unit: str, names: Sequence[str]) -> dict[str, str]:
    """What systemd tells of a unit; nothing where there is no systemd."""
    command = ["systemctl", "show", f"--property={','.join(names)}", unit]
    try:
        done = subprocess.run(  # noqa: S603 (no input of anyone but root)
            command, check=True, capture_output=True, text=True, timeout=SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(line.split("=", 1) for line in done.stdout.splitlines())
