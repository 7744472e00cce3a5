"""How this program was installed, and the commands that mend it there."""

from __future__ import annotations

import shlex
import sys
import sysconfig
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
PIP = f"{shlex.quote(sys.executable)} -m pip install"
LENT = "/usr/lib/python3/dist-packages/rtmidi"
UNITS = "/etc/systemd/system"


def is_checkout() -> bool:
    """Whether it runs in a folder with `setup/` and a Makefile, and not from a wheel."""
    return (CHECKOUT / "pyproject.toml").is_file()


def again() -> str:
    """The command that installs the program anew, with all that belongs to it."""
    if is_checkout():
        return "pip install --editable ."
    return f"{PIP} --force-reinstall perpetuum-*.whl (the wheel that it was installed from)"


def with_library(library: str) -> str:
    """The command that brings a library that the program needs."""
    return again() if is_checkout() else f"{PIP} {library}"


def with_extra(name: str, library: str) -> str:
    """The command that brings the library of an extra."""
    return f"pip install --editable '.[{name}]'" if is_checkout() else f"{PIP} {library}"


def with_rtmidi() -> str:
    """The command that brings python-rtmidi, which has no wheel for Python 3.13."""
    if sys.version_info < (3, 13):
        return f"{PIP} python-rtmidi"
    command = "sudo apt-get install python3-rtmidi"
    if sys.prefix == sys.base_prefix:
        return command
    # A virtual environment does not see what the system has.
    return f"{command} && ln -s {LENT} {shlex.quote(sysconfig.get_path('platlib'))}"


def with_network(service: str, drop_in: Path) -> str:
    """The command that lets a service use the network; `drop_in` is what says so to systemd."""
    if is_checkout():
        return "sudo setup/appliance.sh --network"
    name, at, _ = service.partition("@")
    place = f"{UNITS}/{name}{at}.service.d/network.conf"
    return (
        f"sudo install -D -m 644 {shlex.quote(str(drop_in))} {place} &&"
        f" sudo systemctl daemon-reload && sudo systemctl restart {service}"
    )
