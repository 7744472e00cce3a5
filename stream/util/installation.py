"""The way this program was installed, and the commands that complete or repair the installation.

Every command works as it is printed, in any folder, for the interpreter that runs now.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import sysconfig
from importlib.machinery import PathFinder
from pathlib import Path

from stream.util.version import program_version

CHECKOUT = Path(__file__).parents[2]
SYSTEM_RTMIDI = "/usr/lib/python3/dist-packages/rtmidi"
UNITS = "/etc/systemd/system"
NAME = re.compile(r"[\w.-]+")
"""The name at the beginning of a requirement such as `aiohttp>=3.10`."""


def is_checkout() -> bool:
    """Return True if the program runs in its project's folder, and not from a wheel."""
    return (CHECKOUT / "pyproject.toml").is_file()


def reinstall() -> str:
    """Return the command that installs the program again, with its voices and other files."""
    if is_checkout():
        return _pip("--editable", str(CHECKOUT))
    source = _source()
    if source:
        return _pip("--force-reinstall", "--no-deps", source)
    wheel = _pip(
        "--force-reinstall", "--no-deps", f"perpetuum-{program_version()}-py3-none-any.whl"
    )
    return f"{wheel}  # the wheel that it was installed from"


def install_library(library: str) -> str:
    """Return the command that installs a library that the program needs, in a version that fits."""
    return _pip(_requirements().get(library, library))


def install_extra(extra: str) -> str:
    """Return the command that installs the libraries of an extra, such as `panel`."""
    libraries = _requirements(extra)
    return _pip(*libraries.values()) if libraries else _pip("--editable", f"{CHECKOUT}[{extra}]")


def install_package(package: str) -> str:
    """Return the command that installs a Debian package."""
    return f"sudo apt-get install {package}"


def install_missing(error: Exception, library: str, package: str) -> str:
    """Return the command after a failed import: the library or a Debian package is missing."""
    missing = isinstance(error, ModuleNotFoundError)
    return install_library(library) if missing else install_package(package)


def install_rtmidi() -> str:
    """Return the command that installs python-rtmidi, which has no wheel for Python 3.13."""
    if sys.version_info < (3, 13):
        return install_library("python-rtmidi")
    command = install_package("python3-rtmidi")
    if not _is_virtual():
        return command
    # A virtual environment does not see the packages of the system.
    site = sysconfig.get_path("platlib")
    return f"{command} && {_sudo(site)}ln -s {SYSTEM_RTMIDI} {shlex.quote(site)}"


def set_up_board(arguments: str) -> str:
    """Return the command that sets up this Raspberry Pi: `perpetuum setup` with its arguments."""
    script = Path(sysconfig.get_path("scripts"), "perpetuum")
    python = shlex.quote(sys.executable)
    program = shlex.quote(str(script)) if script.exists() else f"{python} -m stream"
    return f"sudo {program} setup {arguments}"


def allow_network(service: str, drop_in: Path) -> str:
    """Return the command that lets a service use the network by the systemd drop-in `drop_in`."""
    if is_checkout():
        return f"sudo {shlex.quote(str(CHECKOUT / 'setup' / 'appliance.sh'))} --network"
    name, at, _ = service.partition("@")
    place = f"{UNITS}/{name}{at}.service.d/network.conf"
    return (
        f"sudo install -D -m 644 {shlex.quote(str(drop_in))} {place} &&"
        f" sudo systemctl daemon-reload && sudo systemctl restart {service}"
    )


def _pip(*arguments: str) -> str:
    """Return the command that runs `pip install ARGUMENTS` for this interpreter."""
    python, options = sys.executable, "install"
    before = ""
    if _is_managed():
        if is_checkout():
            # Debian forbids pip for its own interpreter; the checkout has a virtual environment.
            before = f"make -C {shlex.quote(str(CHECKOUT))} install && "
            python = str(CHECKOUT / ".venv" / "bin" / "python")
        else:
            options = "install --break-system-packages"
    run = f"{_sudo(sysconfig.get_path('purelib')) if _is_virtual() else ''}{shlex.quote(python)} -m"
    if not before and not _has_pip():
        before = f"{run} ensurepip && "
    return f"{before}{run} pip {options} {shlex.join(arguments)}"


def _has_pip() -> bool:
    # `importlib.util.find_spec` would call a hook of setuptools, which unloads distutils for pip.
    return PathFinder.find_spec("pip") is not None


def _is_virtual() -> bool:
    return sys.prefix != sys.base_prefix


def _is_managed() -> bool:
    """Return True if the system's package manager owns this interpreter (PEP 668)."""
    marker = Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
    return not _is_virtual() and marker.exists()


def _sudo(folder: str) -> str:
    return "" if os.access(folder, os.W_OK) else "sudo "


def _requirements(extra: str = "") -> dict[str, str]:
    """Return the requirements of the program, or of one extra, by the library's name.

    The result is empty if the program runs without having been installed.
    """
    # Imported here, because the import is slow.
    from importlib.metadata import PackageNotFoundError, requires

    try:
        lines = requires("perpetuum") or ()
    except PackageNotFoundError:
        return {}
    found = {}
    for line in lines:
        requirement, _, marker = line.replace("'", '"').partition(";")
        name = NAME.match(requirement)
        if name and (f'extra == "{extra}"' in marker if extra else "extra ==" not in marker):
            found[name[0]] = requirement.strip()
    return found


def _source() -> str:
    """Return the file or the URL that pip installed the program from; empty if it is gone."""
    import json
    from importlib.metadata import distribution
    from urllib.parse import unquote, urlsplit

    # https://packaging.python.org/en/latest/specifications/direct-url/
    origin = json.loads(distribution("perpetuum").read_text("direct_url.json") or "{}")
    url = str(origin.get("url", ""))
    if url.startswith("file://"):
        path = unquote(urlsplit(url).path)
        return path if Path(path).exists() else ""
    system = origin.get("vcs_info", {}).get("vcs", "")
    return f"{system}+{url}" if system else url
