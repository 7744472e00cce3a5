"""The installer on 64-bit ARM, the architecture of Raspberry Pi OS: Debian 12 and 13, emulated.

ONNX Runtime cannot use the host's /sys for an emulated ARM processor, so it is hidden. The emulator
only supports standard baud rates; 38400 is the rate for a Pi's scaled clock anyway.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tty

import mido
import pytest

from tests.device.container import container, sounding, until
from tests.device.debian import CACHE, SOURCE, Debian, chroot, copy_project

UNIT = "perpetuum.service"
INSTALL = "/root/perpetuum/setup/appliance.sh"
DATA = SOURCE / "tests/data"
LIBRARIES = "numpy, onnxruntime, mido, serial, rtmidi, fluidsynth, sounddevice"
MINUTES = "0.2"
SLOW_SECONDS = 300.0
WITHOUT_SYS = """[Service]
TemporaryFileSystem=/sys:ro
PrivateNetwork=no
ProtectProc=default
ProtectControlGroups=no
ProtectKernelTunables=no
RestartSec=10
TimeoutStartSec=300
WatchdogSec=120
"""
pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def root(request):
    """Yield an installed system."""
    folder = Debian(request.param, "arm64").fresh(CACHE / f"install-{request.param}")
    copy_project(folder / "root/perpetuum")
    chroot(folder, INSTALL)
    yield folder
    shutil.rmtree(folder)


def python(root, program):
    return chroot(root, "/opt/perpetuum/venv/bin/python", "-c", program)


def test_every_library_comes_from_the_environment(root):
    paths = python(root, f"import {LIBRARIES}\nfor m in ({LIBRARIES}): print(m.__file__)")
    assert all(path.startswith("/opt/perpetuum/venv/") for path in paths.splitlines())
    assert python(root, "import rtmidi; print(rtmidi.API_LINUX_ALSA in rtmidi.get_compiled_api())")


def test_every_module_is_compiled(root):
    (stream,) = root.glob("opt/perpetuum/venv/lib/python3*/site-packages/stream")
    for source in stream.rglob("*.py"):
        assert list((source.parent / "__pycache__").glob(f"{source.stem}.cpython-*.pyc")), source


def test_the_service_starts_at_boot(root):
    wanted = root / "etc/systemd/system/multi-user.target.wants" / UNIT
    assert str(wanted.readlink()) == f"/etc/systemd/system/{UNIT}"


def test_renders_the_same_bytes_as_x86_64(root):
    shutil.copy(DATA / "tiny.onnx", root / "root")
    arguments = ("--voice", "/root/tiny.onnx", "--seed", "7", "--minutes", "2")
    chroot(root, "perpetuum", "render", *arguments, "/root/tiny.mid")
    assert (root / "root/tiny.mid").read_bytes() == (DATA / "tiny.mid").read_bytes()


def test_the_shipped_voice_decides_nearly_as_on_x86_64(root):
    """Its activations are rounded to eight bits, and a sum in another order otherwise."""
    program = SOURCE / "tests/device/guest/golden.py"
    subprocess.run([sys.executable, program, "write", root / "root/golden.json"], check=True)
    shutil.copy(program, root / "root")
    command = ("/opt/perpetuum/venv/bin/python", "/root/golden.py", "compare", "/root/golden.json")
    found = json.loads(chroot(root, *command).splitlines()[-1])
    assert found["alike"] > 0.97
    assert found["mean_error"] < 0.02


def test_plays_to_a_serial_port(root):
    master, port = os.openpty()
    tty.setraw(port)
    device = os.ttyname(port)
    arguments = ("play", "--seed", "7", "--minutes", MINUTES, "--out", f"serial:{device}@38400")
    chroot(root, "perpetuum", *arguments)
    os.set_blocking(master, False)
    parser = mido.Parser()
    with contextlib.suppress(BlockingIOError):
        while data := os.read(master, 4096):
            parser.feed(data)
    received = list(parser)
    assert sum(message.type == "note_on" for message in received) > 5
    assert sounding(received) == set()


def test_the_service_plays_and_comes_back(root):
    if "trixie" in root.name:
        pytest.skip("systemd 257 starts processes with CLONE_PIDFD, which qemu-user 7.2 refuses")
    config = root / "etc/perpetuum/perpetuum.toml"
    config.write_text('out = ["serial:/run/midi@38400"]\nseed = 7\n', encoding="utf-8")
    folder = root / f"etc/systemd/system/{UNIT}.d"
    folder.mkdir()
    (folder / "emulated.conf").write_text(WITHOUT_SYS, encoding="ascii")
    with container(root) as system, system.instrument("midi") as instrument:
        assert system.run("uname", "-m") == "aarch64"
        until(lambda: instrument.sounding, SLOW_SECONDS)
        assert system.show(UNIT, "ActiveState", "SubState") == ("active", "running")
        system.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", UNIT)
        until(lambda: system.show(UNIT, "SubState") == ("auto-restart",), SLOW_SECONDS)
        assert instrument.sounding == set()
        notes = instrument.notes
        until(lambda: instrument.notes > notes, SLOW_SECONDS)
        system.run("systemctl", "stop", UNIT)
        assert instrument.sounding == set()
        assert system.show(UNIT, "Result") == ("success",)


def test_installing_twice_upgrades_and_uninstalling_removes():
    """This runs on the machine's own architecture, as only files are compared."""
    root = Debian("bookworm").fresh(CACHE / "install-twice")
    copy_project(root / "root/perpetuum")
    chroot(root, INSTALL)
    settings = root / "etc/perpetuum/perpetuum.toml"
    settings.write_text('out = ["null"]\n', encoding="utf-8")
    first = files(root)
    chroot(root, INSTALL)
    assert files(root) == first
    assert settings.read_text(encoding="utf-8") == 'out = ["null"]\n'
    chroot(root, INSTALL, "--uninstall")
    assert files(root) == {"etc/perpetuum/perpetuum.toml"}
    shutil.rmtree(root)


def files(root):
    """Return the files of the installer outside of the system's packages."""
    found = subprocess.run(
        ["find", "etc/perpetuum", "etc/systemd/system", "etc/modules-load.d", "opt", "usr/local",
         "-name", "*perpetuum*", "-not", "-type", "d"],
        cwd=root, check=False, capture_output=True, text=True,
    )  # fmt: skip
    return set(found.stdout.split())
