"""The process that dies in our place: damages a file, reads it, and says what came of it.

`python -m benchmarks.resilience.fuzzing.worker FOLDER`: a line `READER<tab>DAMAGE<tab>NUMBER` in, a
line of JSON out. Only `StreamError` is caught: whatever else is raised ends the process, as a crash
does.
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
"""Bytes of address space."""
FORBIDDEN = ("subprocess.Popen", "os.system", "os.exec", "socket.connect", "pickle.find_class")
CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod")
WRITING = 0o3 | 0o100 | 0o1000
"""Flags of `open`: for writing, create, truncate."""


class Watch:
    """While armed, nothing may be written, started or connected to."""

    def __init__(self) -> None:
        self.armed = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.armed:
            return
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if writes or event in FORBIDDEN or event in CHANGES:
            raise AssertionError(f"{event}{arguments!r}")


def one_line(reason: str) -> str:
    """The message, which must be fit for a terminal."""
    if not reason.isprintable():
        raise AssertionError(ascii(reason))
    return reason


def damaged(damage: Damage, good: bytes, rng: random.Random) -> bytes:
    """Another file than the good one."""
    bad = damage(good, rng)
    while bad == good:
        bad = damage(good, rng)
    return bad


def main() -> None:
    """Read and answer until there are no more lines."""
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
