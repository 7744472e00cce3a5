"""Checks of the system's daemons that bring MIDI without a cable: as ALSA ports, like any other."""

from __future__ import annotations

import shutil
from pathlib import Path

from stream.doctor.finding import Finding
from stream.util.installation import install_package

RTPMIDID = "https://github.com/davidmoreno/rtpmidid/releases"
"""Packages for Debian and Raspberry Pi OS; Debian itself has none."""
ADAPTERS = Path("/sys/class/bluetooth")
PROGRAMS = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/usr/libexec/bluetooth"


def wireless_midi(programs: str = PROGRAMS, adapters: Path = ADAPTERS) -> tuple[Finding, Finding]:
    """Check for RTP-MIDI and for Bluetooth; programs are looked for in the folders `programs`."""
    return _network(programs), _bluetooth(programs, adapters)


def _network(programs: str) -> Finding:
    found = shutil.which("rtpmidid", path=programs)
    if found:
        return Finding("network midi", ok=True, detail=found)
    remedy = f"install the package from {RTPMIDID} if instruments play over the network"
    return Finding("network midi", ok=False, detail="rtpmidid is not installed", remedy=remedy)


def _bluetooth(programs: str, adapters: Path) -> Finding:
    if shutil.which("bluetoothctl", path=programs) is None:
        detail, remedy = "BlueZ is not installed", install_package("bluez")
        return Finding("bluetooth midi", ok=False, detail=detail, remedy=remedy)
    names = sorted(path.name for path in adapters.glob("hci*") if ":" not in path.name)
    if not names:
        remedy = "plug in an adapter, or turn it on: sudo rfkill unblock bluetooth"
        return Finding("bluetooth midi", ok=False, detail="no adapter found", remedy=remedy)
    return Finding("bluetooth midi", ok=True, detail=f"BlueZ, {', '.join(names)}")
