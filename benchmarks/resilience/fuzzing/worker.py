"""A worker process that damages files, reads them, and prints the outcomes.

`python -m benchmarks.resilience.fuzzing.worker FOLDER` reads lines `READER<tab>DAMAGE<tab>NUMBER`
and answers each with a line of JSON. Only `StreamError` is caught: any other exception ends the
process, as a crash does.
"""

from __future__ import annotations

import json
import random
import resource
import sys
from pathlib import Path
from typing import Any

from benchmarks.resilience.fuzzing.damage import Damage
from benchmarks.resilience.fuzzing.readers import READERS
from stream.errors import StreamError

MEMORY = 2 * 2**30
"""Limit of the address space in bytes."""
FORBIDDEN = ("subprocess.Popen", "os.system", "os.exec", "socket.connect", "pickle.find_class")
CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod")
WRITING = 0o3 | 0o100 | 0o1000
"""Flags of `open` that write, create or truncate."""


class Watch:
    """An audit hook that raises while armed if anything is written, started or connected to."""

    def __init__(self) -> None:
        self.armed = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.armed:
            return
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if writes or event in FORBIDDEN or event in CHANGES:
            raise AssertionError(f"{event}{arguments!r}")


def one_line(reason: str) -> str:
    """Return the message; raise `AssertionError` if a terminal could not show it."""
    if not reason.isprintable():
        raise AssertionError(ascii(reason))
    return reason


def damaged(damage: Damage, good: bytes, rng: random.Random) -> bytes:
    """Return a file that differs from the good one."""
    bad = damage(good, rng)
    while bad == good:
        bad = damage(good, rng)
    return bad


def main() -> None:
    """Read and answer lines until the input ends."""
    folder = Path(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seeds = {name: reader.seeds() for name, reader in READERS.items()}
    watch = Watch()
    sys.addaudithook(watch)
    for line in sys.stdin:
        name, damage, number = line.rstrip("\n").split("\t")
        reader = READERS[name]
        rng = random.Random(line)
        path = folder / f"bad{reader.suffix}"
        path.write_bytes(damaged(reader.damages[damage], rng.choice(seeds[name]), rng))
        watch.armed = True
        try:
            reader.read(path)
            answer = {"outcome": "accepted"}
        except StreamError as error:
            answer = {"outcome": "refused", "reason": one_line(str(error))}
        watch.armed = False
        path.unlink()
        print(json.dumps(answer | {"number": number}), flush=True)


if __name__ == "__main__":
    main()
