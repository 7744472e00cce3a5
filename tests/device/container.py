"""A Debian root file system booted with its own systemd, under `systemd-nspawn`."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import mido

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECEIVER = Path(__file__).with_name("receiver.py")
BOOT_SECONDS = 180.0
"""Longest time to boot: two seconds on an idle machine, long for emulated ARM on a busy one."""
END_SECONDS = 60.0
SILENCING = (120, 123)
NUMBERS = itertools.count(1)


class Container:
    """A booted system, which `container` switches off."""

    def __init__(self, process: subprocess.Popen[bytes], root: Path) -> None:
        self._process = process
        self._root = root
        self._leader = ""

    def wait_for_boot(self) -> None:
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")

        def booted() -> bool:
            self._leader = children.read_text(encoding="ascii").strip().partition(" ")[0]
            return bool(self._leader) and self.run(
                "systemctl", "is-system-running", check=False
            ) in {"running", "degraded"}

        until(booted, BOOT_SECONDS)

    def power_off(self) -> None:
        """Shut the system down, by force if necessary."""
        if self._leader:
            self.run("systemctl", "poweroff", "--no-block", check=False)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
        if self._process.poll() is None:
            if self._leader:
                os.kill(int(self._leader), signal.SIGKILL)
            self._process.kill()
            self._process.wait()

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command in the system, and return its output."""
        done = subprocess.run(
            self._enter(*command), check=False, capture_output=True, text=True, timeout=300
        )
        if check and done.returncode:
            raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def show(self, unit: str, *names: str) -> tuple[str, ...]:
        """Return properties of a unit."""
        return tuple(
            self.run("systemctl", "show", "--value", f"--property={name}", unit) for name in names
        )

    def journal(self, unit: str) -> str:
        return self.run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}")

    def processes(self, unit: str) -> dict[int, str]:
        """Return the command lines of a unit's processes by process number."""
        group = self.run("systemctl", "show", "--value", "--property=ControlGroup", unit)
        pids = self.run(
            "sh", "-c", f"cat /sys/fs/cgroup{group}/cgroup.procs"
            f" /sys/fs/cgroup/systemd{group}/cgroup.procs 2>/dev/null", check=False,
        )  # fmt: skip
        lines = {}
        for pid in map(int, pids.split()):
            command = self.run("sh", "-c", f"tr '\\0' ' ' </proc/{pid}/cmdline", check=False)
            lines[pid] = command
        return lines

    def composer(self, unit: str) -> int | None:
        """Return the process number of a player's composer, or None if it has none."""
        found = [pid for pid, line in self.processes(unit).items() if "stream.compose" in line]
        return found[0] if found else None

    @contextlib.contextmanager
    def instrument(self, name: str) -> Iterator[Instrument]:
        """Attach a serial instrument at /run/NAME inside the block."""
        program = RECEIVER.read_text(encoding="utf-8")
        command = ("python3", "-c", program, f"/run/{name}", f"/run/{name}.bytes")
        process = subprocess.Popen(self._enter(*command), stdin=subprocess.PIPE)
        try:
            until(lambda: self.run("sh", "-c", f"test -e /run/{name} && echo 1", check=False))
            yield Instrument(Path(f"/proc/{self._leader}/root/run/{name}.bytes"))
        finally:
            process.communicate()
            self.run("rm", f"/run/{name}", f"/run/{name}.bytes")

    def _enter(self, *command: str) -> tuple[str, ...]:
        return ("nsenter", "--target", self._leader, "--mount", "--uts", "--ipc", "--net", "--pid",
                "--root", "--wdns=/", "--cgroup", *command)  # fmt: skip


class Instrument:
    """A synthesizer: the messages it received, and the notes it would sound now."""

    def __init__(self, file: Path) -> None:
        self._bytes = file

    @property
    def received(self) -> list[mido.Message]:
        parser = mido.Parser()
        parser.feed(self._bytes.read_bytes())
        return list(parser)

    @property
    def notes(self) -> int:
        """Return the number of note-ons so far."""
        return sum(message.type == "note_on" for message in self.received)

    @property
    def sounding(self) -> set[tuple[int, int]]:
        return sounding(self.received)


def sounding(messages: list[mido.Message]) -> set[tuple[int, int]]:
    """Return channel and pitch of the notes that an instrument holds after these messages."""
    held: set[tuple[int, int]] = set()
    for message in messages:
        if message.type == "note_on" and message.velocity:
            held.add((message.channel, message.note))
        elif message.type in {"note_on", "note_off"}:
            held.discard((message.channel, message.note))
        elif message.type == "control_change" and message.control in SILENCING:
            held = {note for note in held if note[0] != message.channel}
    return held


def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until the condition is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"condition not true within {seconds:g} s")
        time.sleep(0.05)


@contextlib.contextmanager
def container(root: Path, *options: str) -> Iterator[Container]:
    """Boot the system in `root`, and switch it off at the end of the block."""
    log = root.with_suffix(".log")
    with log.open("wb") as console:
        process = subprocess.Popen(
            [
                "systemd-nspawn", "--directory", root, "--boot", "--register=no", "--keep-unit",
                f"--machine=perpetuum-{next(NUMBERS)}", "--private-network", "--console=read-only",
                *options,
            ],
            stdout=console, stderr=console, stdin=subprocess.DEVNULL,
            # Debian 13 supports only the unified control groups.
            env={**os.environ, "UNIFIED_CGROUP_HIERARCHY": "1"},
        )  # fmt: skip
    booted = Container(process, root)
    try:
        booted.wait_for_boot()
        yield booted
    finally:
        booted.power_off()
