"""A player that is stopped, with receivers at its outputs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import mido

from benchmarks.resilience.stopping.case import KILLS, SIGNALS, Case, Outcome
from benchmarks.resilience.stopping.hearing import Receiver, sounding, starts
from benchmarks.support import jack_server
from benchmarks.support.midi_capture import MidiCapture
from benchmarks.support.pty_line import Line
from benchmarks.timing.footprint import children

LASTING = ("serial", "port")
"""Outputs that still sound when the player is killed."""
PATIENCE_SECONDS = 30.0
SETTLE_SECONDS = 3.0
"""Time for messages to arrive."""
SILENCINGS = 3
"""Most calls of `perpetuum silence`, each for the notes the last one could not silence."""
LOST_SECONDS = 5.0
"""Music that a SIGKILL may cut from the end of a recording."""


class Performance:
    """One player, with receivers at its outputs."""

    def __init__(self, case: Case, folder: Path) -> None:
        self._case = case
        self._recording = folder / "a.mid"
        self._environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder)}
        self._environment.pop("RUNTIME_DIRECTORY", None)
        self._receivers: dict[str, Receiver] = {}
        self._specs: dict[str, str] = {}

    def run(self) -> Outcome:
        """Play, stop, clean up after a killed player, and count the notes that still sound."""
        with contextlib.ExitStack() as open_:
            jack_server.wait()
            for output in self._case.outputs:
                self._connect(output, open_)
            log = open_.enter_context((self._recording.parent / "log").open("w+b"))
            player = open_.enter_context(self._start(self._case.outputs, log))
            open_.callback(player.kill)
            self._await(player, log.name)
            time.sleep(self._case.jitter)
            killed = self._case.stop in KILLS
            at = time.monotonic()
            player.send_signal(signal.SIGKILL if killed else SIGNALS[self._case.stop])
            code = player.wait(PATIENCE_SECONDS)
            if killed:
                self._clean_up()
            unended = self._settled()
            hanging = sum(len(sounding(r.data, sweep=True)) for r in self._receivers.values())
            begun = sum(len(starts(r.data)) for r in self._receivers.values())
            recording = self._recorded(at, killed=killed)
            return Outcome(self._case, code, begun, hanging, unended - hanging, recording)

    def _connect(self, output: str, open_: contextlib.ExitStack) -> None:
        name = f"e{os.getpid()}n{self._case.number}"
        if output == "serial":
            line = open_.enter_context(Line())
            self._receivers[output] = open_.enter_context(MidiCapture(line))
            self._specs[output] = f"serial:{line.device}"
        elif output == "port":
            self._receivers[output] = open_.enter_context(jack_server.PortCapture(name, ours=True))
            self._specs[output] = f"port:{name}"
        elif output == "virtual":
            self._receivers[output] = open_.enter_context(
                jack_server.PortCapture(f"{name}v", ours=False)
            )
            self._specs[output] = f"virtual:{name}v"
        else:
            self._specs[output] = f"file:{self._recording}" if output == "file" else output

    def _start(self, outputs: Iterable[str], log: object) -> subprocess.Popen[bytes]:
        case = self._case
        arguments = ["play", "--seed", str(case.number), "--bpm", str(case.bpm)]
        for output in outputs:
            arguments += ["--out", self._specs[output]]
        module = (
            ["benchmarks.resilience.stops", "--player"] if case.composer == "fake" else ["stream"]
        )
        return subprocess.Popen(
            [sys.executable, "-m", *module, *arguments],
            env=self._environment,
            stderr=log,
        )

    def _await(self, player: subprocess.Popen[bytes], log: str) -> None:
        """Wait for the moment that the case names."""
        moment, end = self._case.moment, time.monotonic() + PATIENCE_SECONDS
        while moment != "starting" and not self._now(moment, log):
            if time.monotonic() > end or player.poll() is not None:
                raise TimeoutError(f"{self._case}: {Path(log).read_text()}")
            self._connect_captures()
            time.sleep(0.001)
        if moment == "composer restarts":
            for composer in children(player.pid):
                os.kill(composer, signal.SIGKILL)

    def _now(self, moment: str, log: str) -> bool:
        if moment == "before the first note":
            return b"playing to" in Path(log).read_bytes()
        played = [r for r in self._receivers.values() if starts(r.data)]
        if not played:
            return not self._receivers and b"phrase 1 " in Path(log).read_bytes()
        if moment == "in a note":
            return any(sounding(r.data) for r in played)
        return moment != "between notes" or not any(sounding(r.data) for r in played)

    def _connect_captures(self) -> None:
        for receiver in self._receivers.values():
            if isinstance(receiver, jack_server.PortCapture):
                receiver.connect()

    def _clean_up(self) -> None:
        """Silence the outputs after a SIGKILL, by command or by the next start."""
        jack_server.wait()
        lasting = [output for output in self._case.outputs if output in LASTING]
        if self._case.stop == KILLS[0] or not lasting:
            command = [sys.executable, "-m", "stream", "silence"]
            for _ in range(SILENCINGS):
                done = subprocess.run(
                    command, env=self._environment, check=False, capture_output=True, text=True
                )
                print(done.stdout, end="", flush=True)
                if done.returncode == 0:
                    break
            return
        log = self._recording.parent / "next"
        with log.open("wb") as errors, self._start(lasting, errors) as player:
            while b"phrase 1 " not in log.read_bytes() and player.poll() is None:
                time.sleep(0.01)
            player.terminate()

    def _settled(self) -> int:
        """Return the number of notes that still sound after everything must have arrived."""
        end = time.monotonic() + SETTLE_SECONDS
        while (left := sum(map(len, self._left()))) and time.monotonic() < end:
            time.sleep(0.02)
        return left

    def _left(self) -> Iterator[set[tuple[int, int]]]:
        return (sounding(receiver.data) for receiver in self._receivers.values())

    def _recorded(self, killed_at: float, *, killed: bool) -> str:
        if "file" not in self._case.outputs:
            return ""
        exists = self._recording.exists() and self._recording.stat().st_size
        messages = list(mido.merge_tracks(mido.MidiFile(self._recording).tracks)) if exists else []
        data = b"".join(message.bin() for message in messages if not message.is_meta)
        if not killed:
            return "a note hangs" if sounding(data) else ""
        for receiver in self._receivers.values():
            missing = starts(receiver.data)[len(starts(data)) :]
            if missing and receiver.stamps[missing[0]] < killed_at - LOST_SECONDS:
                return "too short"
        return ""
