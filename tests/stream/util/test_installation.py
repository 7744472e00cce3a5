import json
import re
import shlex
import sys
import sysconfig
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from stream.util import installation
from stream.util.installation import (
    allow_network,
    install_extra,
    install_library,
    install_missing,
    install_rtmidi,
    reinstall,
    set_up_board,
)

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WHEEL = f"perpetuum-{PROJECT['version']}-py3-none-any.whl"
EXTRAS = PROJECT["optional-dependencies"]


@pytest.fixture
def wheel(monkeypatch, tmp_path):
    """The program as a wheel installs it: there is no project around it."""
    monkeypatch.setattr(installation, "CHECKOUT", tmp_path)
    return tmp_path


@pytest.fixture
def interpreter(monkeypatch, tmp_path):
    """An interpreter in a folder whose name has a space, with pip, in a virtual environment."""
    python = tmp_path / "my music" / "bin" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "my music"))
    monkeypatch.setattr(installation, "_has_pip", lambda: True)
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    return str(python)


def installed(command):
    """The words behind `pip install`."""
    words = shlex.split(command, comments=True)
    return words[words.index("install") + 1 :]


@pytest.mark.parametrize("extra", ["panel", "osc", "link"])
def test_an_extra_brings_what_the_project_names(extra, interpreter):
    assert shlex.split(install_extra(extra)) == [
        *(interpreter, "-m", "pip", "install"),
        *EXTRAS[extra],
    ]


@pytest.mark.parametrize("extra", ["panel", "osc", "link"])
def test_a_wheel_gets_the_same_command(extra, interpreter, wheel):
    assert shlex.split(install_extra(extra))[0] == interpreter
    assert installed(install_extra(extra)) == EXTRAS[extra]


@pytest.mark.parametrize("requirement", PROJECT["dependencies"])
def test_a_library_comes_in_a_version_that_fits(requirement, interpreter):
    bound = requirement.partition(";")[0].strip()
    name = re.match(r"[\w-]+", requirement)[0]
    assert installed(install_library(name)) == [bound]


def test_a_checkout_that_was_never_installed(monkeypatch, interpreter):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)
    assert installed(install_extra("panel")) == ["--editable", f"{ROOT}[panel]"]
    assert installed(install_library("numpy")) == ["numpy"]
    assert installed(reinstall()) == ["--editable", str(ROOT)]


def test_what_a_failed_import_lacks(interpreter):
    lacking = install_missing(ModuleNotFoundError(), "sounddevice", "libportaudio2")
    assert installed(lacking) == ["sounddevice>=0.5"]
    damaged = install_missing(OSError(), "sounddevice", "libportaudio2")
    assert damaged == "sudo apt-get install libportaudio2"


def test_an_interpreter_without_pip(monkeypatch, interpreter):
    monkeypatch.setattr(installation, "_has_pip", lambda: False)
    first, second = install_extra("osc").split(" && ")
    assert shlex.split(first) == [interpreter, "-m", "ensurepip"]
    assert installed(second) == EXTRAS["osc"]


def test_an_environment_of_somebody_else(monkeypatch, interpreter):
    monkeypatch.setattr(installation.os, "access", lambda *_: False)
    assert shlex.split(install_extra("osc"))[:2] == ["sudo", interpreter]


def test_the_interpreter_of_debian(monkeypatch, interpreter, tmp_path):
    """Its pip refuses to install: a checkout has an environment, a wheel was put there by force."""
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    make, pip = install_extra("osc").split(" && ")
    assert shlex.split(make) == ["make", "-C", str(ROOT), "install"]
    assert shlex.split(pip)[0] == str(ROOT / ".venv" / "bin" / "python")
    assert installed(pip) == EXTRAS["osc"]
    monkeypatch.setattr(installation, "CHECKOUT", tmp_path)
    assert installed(install_extra("osc")) == ["--break-system-packages", *EXTRAS["osc"]]


class Distribution:
    def __init__(self, origin):
        self.read_text = lambda name: origin and json.dumps(origin)


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ({"url": "https://example.org/a.whl", "archive_info": {}}, "https://example.org/a.whl"),
        ({"url": "https://example.org/a", "vcs_info": {"vcs": "git"}}, "git+https://example.org/a"),
        (
            {"url": "file:///gone/a.whl"},
            WHEEL,
        ),
        (None, WHEEL),
    ],
)
def test_a_wheel_comes_again_from_where_it_came(url, source, monkeypatch, interpreter, wheel):
    monkeypatch.setattr(metadata, "distribution", lambda name: Distribution(url))
    monkeypatch.setattr(installation, "program_version", lambda: PROJECT["version"])
    assert installed(reinstall()) == ["--force-reinstall", "--no-deps", source]


def test_a_wheel_that_is_still_there(monkeypatch, interpreter, wheel):
    file = wheel / "my wheels" / "perpetuum.whl"
    file.parent.mkdir()
    file.touch()
    origin = Distribution({"url": file.as_uri()})
    monkeypatch.setattr(metadata, "distribution", lambda name: origin)
    assert installed(reinstall())[-1] == str(file)


@pytest.mark.parametrize(("prefix", "lent"), [("/venv", True), (sys.base_prefix, False)])
def test_rtmidi_where_it_has_no_wheel(prefix, lent, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    monkeypatch.setattr(sys, "prefix", prefix)
    command = install_rtmidi()
    assert command.startswith("sudo apt-get install python3-rtmidi")
    assert ("ln -s /usr/lib/python3/dist-packages/rtmidi" in command) == lent


def test_the_board_is_set_up_by_this_program(interpreter, tmp_path):
    arguments = ["setup", "auto", "--midi", "uart"]
    command = set_up_board("auto --midi uart")
    assert shlex.split(command) == ["sudo", interpreter, "-m", "stream", *arguments]
    script = tmp_path / "perpetuum"
    script.touch()
    command = set_up_board("auto --midi uart")
    assert shlex.split(command) == ["sudo", str(script), *arguments]


def test_network_for_a_service(wheel):
    command = allow_network("perpetuum@left", Path("/a share/network.conf"))
    assert (
        "'/a share/network.conf' /etc/systemd/system/perpetuum@.service.d/network.conf" in command
    )


def test_the_search_for_pip_asks_no_hook_of_others(monkeypatch):
    """Setuptools has one that unloads distutils when pip is searched, with a warning."""

    class Hook:
        @staticmethod
        def find_spec(name, path=None, target=None):
            raise AssertionError(name)

    monkeypatch.setattr("sys.meta_path", [Hook, *sys.meta_path])
    assert "pip" in installation.install_library("aiohttp")
