"""A virtual machine with a real ALSA sequencer, and USB devices that can be unplugged.

It runs a stock Debian kernel under `qemu-system-x86_64`, emulated, so that it runs anywhere. The
checkout is mounted read-only at /source, a folder for results at /share; the project's libraries
are in /opt/perpetuum/site. guest/init.sh is the first process and takes commands over a serial
port.
"""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
GUEST = Path(__file__).with_name("guest")
CACHE = Path(os.environ.get("PERPETUUM_DEVICE_CACHE", SOURCE / "build" / "device"))
PACKAGES = (
    "udev", "kmod", "linux-image-amd64", "initramfs-tools", "alsa-utils", "python3",
    "libfluidsynth3", "timgm6mb-soundfont", "procps",
)  # fmt: skip
SUITE = "bookworm"
DISK_SIZE = "1500M"
BOOT_SECONDS = 180.0
"""Longest time to boot: ten seconds on an idle machine, longer on a busy one."""


def image() -> Path:
    """Return the folder with kernel, initrd and disk; build it if the recipe has changed."""
    recipe = (*PACKAGES, SUITE, *_requirements(), (GUEST / "init.sh").read_text(encoding="utf-8"))
    digest = hashlib.sha256("\n".join(recipe).encode()).hexdigest()[:12]
    folder = CACHE / f"machine-{digest}"
    if not folder.is_dir():
        draft = CACHE / f"machine-{digest}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        _build(draft)
        draft.rename(folder)
    return folder


def _requirements() -> list[str]:
    """Return the runtime's requirements from PyPI."""
    document = tomllib.loads((SOURCE / "pyproject.toml").read_text(encoding="utf-8"))
    return list(document["project"]["dependencies"])


def _build(folder: Path) -> None:
    root = folder / "root"
    # The initrd only finds the disk: a small one boots faster.
    hook = (
        'mkdir -p "$1"/etc/initramfs-tools/conf.d'
        ' && echo MODULES=list > "$1"/etc/initramfs-tools/conf.d/machine'
        ' && printf "virtio_pci\\nvirtio_blk\\next4\\n" > "$1"/etc/initramfs-tools/modules'
    )
    include = f"--include={','.join(PACKAGES)}"
    _do("mmdebstrap", "--variant=minbase", include, f"--essential-hook={hook}", SUITE, root)
    site = root / "opt" / "perpetuum" / "site"
    # Wheels for the machine's interpreter, not for the one that runs this.
    _do(
        sys.executable, "-m", "pip", "install", "--quiet", "--target", site,
        "--python-version", "3.11", "--only-binary", ":all:", *_requirements(),
    )  # fmt: skip
    for mount in ("source", "share"):
        (root / mount).mkdir()
    shutil.copy(GUEST / "init.sh", root / "init.sh")
    (root / "init.sh").chmod(0o755)
    for file in ("vmlinuz", "initrd.img"):
        shutil.copy((root / "boot").joinpath((root / file).readlink().name), folder / file)
    _do("mke2fs", "-q", "-t", "ext4", "-d", root, folder / "disk", DISK_SIZE)
    shutil.rmtree(root)


def _do(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True)


class Machine:
    """A running machine; its boot messages are in `share`/console."""

    def __init__(self, share: Path) -> None:
        self.share = share
        """A folder of the host that the machine sees as /share."""
        self._calls = 0
        files = image()
        with socket.socket(socket.AF_UNIX) as listener:
            address = share / "commands"
            listener.bind(str(address))
            listener.listen(1)
            self._process = subprocess.Popen(
                _command(files, share, address), stdin=subprocess.DEVNULL
            )
            listener.settimeout(BOOT_SECONDS)
            self._line = listener.accept()[0]
        self._replies = self._line.makefile("r", encoding="utf-8", errors="replace")
        self._answer(BOOT_SECONDS)
        self._monitor = Monitor(share / "monitor")

    def run(self, command: str, seconds: float) -> str:
        """Run `command` within `seconds`, and return its output. Raises `AssertionError`."""
        self._calls += 1
        self._line.sendall(f"{self._calls} {command}\n".encode())
        status = self._answer(seconds)
        log = (self.share / f"{self._calls}.log").read_text(encoding="utf-8", errors="replace")
        assert status == 0, f"{command}: status {status}\n{log}"
        return log

    def plug_card(self) -> None:
        """Plug in a USB sound card, whose sound is recorded in `share`/sound.wav."""
        self._monitor.ask("device_add", driver="usb-audio", audiodev="sound", id="card")

    def unplug_card(self) -> None:
        self._monitor.ask("device_del", id="card")

    def _answer(self, seconds: float) -> int:
        self._line.settimeout(seconds)
        number, status = self._replies.readline().split()
        assert int(number) == self._calls
        return int(status)

    def close(self) -> None:
        """Switch the machine off; its disk is a throw-away layer over the image."""
        self._process.kill()
        self._process.wait()
        self._monitor.close()
        self._replies.close()
        self._line.close()


class Monitor:
    """QEMU's own control socket, in its machine protocol."""

    def __init__(self, address: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(address))
        self._replies = self._socket.makefile("r", encoding="utf-8")
        self._replies.readline()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: str) -> None:
        """Send a command to QEMU. Raises `AssertionError` if QEMU refuses it."""
        document = {"execute": command, "arguments": arguments}
        self._socket.sendall(json.dumps(document).encode())
        while "return" not in (reply := json.loads(self._replies.readline())):
            assert "error" not in reply, reply

    def close(self) -> None:
        self._replies.close()
        self._socket.close()


def _command(files: Path, share: Path, commands: Path) -> list[str]:
    shared = [
        word
        for tag, path, access in (("source", SOURCE, ",readonly=on"), ("share", share, ""))
        for word in (
            "-fsdev", f"local,id={tag},path={path},security_model=none{access}",
            "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}",
        )
    ]  # fmt: skip
    return [
        "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2",
        "-m", "1024", "-nodefaults", "-display", "none", "-no-reboot",
        "-kernel", str(files / "vmlinuz"), "-initrd", str(files / "initrd.img"),
        "-append", "root=/dev/vda rw init=/init.sh console=ttyS0 quiet mitigations=off",
        "-drive", f"file={files / 'disk'},if=virtio,format=raw,snapshot=on",
        "-serial", f"file:{share / 'console'}", "-serial", f"unix:{commands}",
        "-qmp", f"unix:{share / 'monitor'},server=on,wait=off",
        "-device", "qemu-xhci",
        "-audiodev", f"wav,id=sound,path={share / 'sound.wav'}",
        *shared,
    ]  # fmt: skip
