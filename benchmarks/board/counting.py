"""Instructions that a program executes, counted by QEMU's emulation of a processor."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stream.errors import SettingsError

SOURCE = Path(__file__).parents[2]
PLUGIN = Path(__file__).parent / "count.c"
GUEST = "benchmarks.board.guest"
AARCH64, X86_64 = "aarch64", "x86_64"
MARKS = {AARCH64: 141, X86_64: 140}
"""Number of the system call `getpriority`."""
FEATURES = {
    "cortex-a53": "fp asimd evtstrm crc32 cpuid",
    "cortex-a72": "fp asimd evtstrm crc32 cpuid",
    "cortex-a76": "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm "
                  "lrcpc dcpop asimddp",
}  # fmt: skip
"""Features that Linux lists in /proc/cpuinfo; ONNX Runtime chooses its kernels by them."""
PARTS = {"cortex-a53": "0xd03", "cortex-a72": "0xd08", "cortex-a76": "0xd0b"}
CORES = "0-3"
HIDDEN = """mount -t tmpfs none /sys && mkdir -p /sys/devices/system/cpu &&
for f in possible present online; do echo $0 > /sys/devices/system/cpu/$f; done &&
mount --bind "$1" /proc/cpuinfo && shift && exec "$@"
"""
"""Give a program the processor that is emulated, not the host's, in a name space of its own."""
WARM = 2
"""Phrases before the first that counts."""


@dataclass(frozen=True, slots=True)
class Processor:
    """A processor that QEMU emulates, and the Python that runs on it."""

    name: str
    architecture: str = AARCH64
    root: Path = Path("/")
    """Folder of the system; `/` for this machine's."""
    packages: Path | None = None
    """Folder of the libraries; None for those of this Python."""

    @property
    def python(self) -> str:
        """Return the interpreter."""
        if self.packages is None:
            return sys.executable
        return str(self.root / "usr/bin" / self.packages.parent.name)


@dataclass(frozen=True, slots=True)
class Counted:
    """The instructions of one run, and what it printed."""

    marks: tuple[int, ...]
    total: int
    seconds: float
    """Seconds of this machine's processor that the emulation took."""
    output: str


@dataclass(frozen=True, slots=True)
class Work:
    """The instructions of composing."""

    start: int
    """Instructions from the start of the process to the end of the first phrase."""
    each_second: float
    """Instructions for each second of music."""
    music: float
    """Seconds of music that were counted."""
    files: int
    """Bytes of the files that the process read."""


def installed(root: Path) -> Processor:
    """Return a system with the runtime installed, without a name of the processor.

    Raises `SettingsError` for a folder without one.
    """
    found = sorted(root.glob("opt/perpetuum/venv/lib/python3*/site-packages"))
    if not found:
        raise SettingsError(f"--root {root}: has no opt/perpetuum; give a system with the program")
    return Processor("", AARCH64, root, found[0])


def built(folder: Path) -> Path:
    """Compile the plugin; raises `SettingsError` without a compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise SettingsError("cc: not found; install gcc")
    path = folder / "count.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", path, PLUGIN], check=True)
    return path


def counted(program: Sequence[str], processor: Processor) -> Counted:
    """Run a program on an emulated processor. Raises `SettingsError` without the emulator."""
    emulator = shutil.which(f"qemu-{processor.architecture}")
    if emulator is None:
        raise SettingsError(f"qemu-{processor.architecture}: not found; install qemu-user")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out = folder / "counts"
        plugin = f"{built(folder)},out={out},mark={MARKS[processor.architecture]}"
        command = [emulator, "-cpu", processor.name, "-plugin", plugin]
        if processor.architecture == AARCH64:
            command = [*_with_its_own_system(folder, processor.name), *command]
            command += ["-L", str(processor.root)]
        begun = _seconds_of_children()
        done = subprocess.run(
            [*command, *program], capture_output=True, text=True, check=True, cwd=SOURCE,
            env=_environment(processor),
        )  # fmt: skip
        seconds = _seconds_of_children() - begun
        *marks, total = map(int, out.read_text(encoding="ascii").split())
    return Counted(tuple(marks), total, seconds, done.stdout)


def composing(processor: Processor, arguments: Sequence[str], phrases: int) -> Work:
    """Return the instructions of composing; `arguments` are voice, style and ensemble."""
    program = [processor.python, "-m", GUEST, *arguments, f"{WARM + phrases}", "1"]
    found = counted(program, processor)
    document = json.loads(found.output.splitlines()[-1])
    music = sum(document["music"][WARM:])
    each = (found.marks[-1] - found.marks[WARM]) / music
    return Work(found.marks[1], each, music, document["files"])


def _environment(processor: Processor) -> Mapping[str, str]:
    paths = [str(p) for p in (processor.packages, SOURCE) if p]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}


def _with_its_own_system(folder: Path, name: str) -> list[str]:
    described = "".join(
        f"processor\t: {core}\nFeatures\t: {FEATURES[name]}\nCPU implementer\t: 0x41\n"
        f"CPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: {PARTS[name]}\n"
        f"CPU revision\t: 4\n\n"
        for core in range(4)
    )
    path = folder / "cpuinfo"
    path.write_text(described, encoding="ascii")
    return ["unshare", "--mount", "sh", "-c", HIDDEN, CORES, str(path)]


def _seconds_of_children() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
