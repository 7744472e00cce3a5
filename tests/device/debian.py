"""Cached Debian root file systems of any architecture, and commands that run inside them.

A root of another architecture runs under `qemu-user-static` by binfmt; its speed says nothing about
a real board.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("PERPETUUM_DEVICE_CACHE", SOURCE / "build" / "device"))
BINFMT = Path("/proc/sys/fs/binfmt_misc")
BASE = ("systemd", "systemd-sysv", "dbus", "procps", "ca-certificates", "python3", "udev")
"""The packages of Raspberry Pi OS Lite that matter; the installer has to fetch all others."""
NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
NATIVE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
COPIED = (
    "pyproject.toml", "setup.py", "LICENSE", "README.md", "stream", "systemd", "firmware_configs",
    "setup", "tests/data",
)  # fmt: skip


@dataclass(frozen=True)
class Debian:
    """A distribution with its first packages."""

    suite: str
    architecture: str = NATIVE
    packages: tuple[str, ...] = BASE

    def fresh(self, folder: Path) -> Path:
        """Make a new copy of this system in `folder`, with this machine's network settings."""
        pristine = self.pristine()
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", pristine, folder], check=True)
        _copy_network_settings(folder)
        return folder

    def pristine(self) -> Path:
        """Return the untouched root of the distribution, built at the first call. Read only."""
        if self.architecture != NATIVE:
            register_emulator()
        recipe = "\n".join((self.suite, self.architecture, *self.packages))
        digest = hashlib.sha256(recipe.encode()).hexdigest()[:8]
        folder = CACHE / f"{self.suite}-{self.architecture}-{digest}"
        if not folder.is_dir():
            draft = folder.with_suffix(".draft")
            shutil.rmtree(draft, ignore_errors=True)
            draft.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(
                [
                    "mmdebstrap", "--quiet", "--variant=minbase",
                    f"--architectures={self.architecture}", f"--include={','.join(self.packages)}",
                    self.suite, draft,
                ],
                check=True,
            )  # fmt: skip
            draft.rename(folder)
        return folder


def register_emulator() -> None:
    """Let the kernel start 64-bit ARM programs in `qemu-aarch64-static`, also in chroots."""
    if not (BINFMT / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT], check=True)
    if not (BINFMT / "qemu-aarch64").exists():
        rule = Path("/usr/lib/binfmt.d/qemu-aarch64.conf").read_text(encoding="ascii")
        (BINFMT / "register").write_text(rule, encoding="ascii")


def chroot(root: Path, *command: str) -> str:
    """Run a command in `root` with /proc and /dev, but without /sys; return its output.

    ONNX Runtime reads the processor's features from /sys, and the host's are not the emulator's.
    """
    mounts = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"'
    entered = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", mounts, root)
    done = subprocess.run([*entered, *command], check=False, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def copy_project(folder: Path) -> None:
    """Copy the project as a user unpacks it: the files git tracks, without build folders."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *COPIED],
        cwd=SOURCE, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(SOURCE / name, target)


def _copy_network_settings(root: Path) -> None:
    settings = [
        path
        for path in Path("/etc/apt/apt.conf.d").iterdir()
        if all(line.startswith(("Acquire::", "//")) for line in path.read_text().splitlines())
    ]
    for path in (*map(Path, NETWORK), *settings):
        if path.exists():
            target = root / path.relative_to("/")
            target.unlink(missing_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
