"""Bad input in bulk: damaged voices, settings, corpora and lines, each read in a child process.

The real composer loads each accepted voice and composes a phrase with it. A child may take 2 GiB of
address space and `SECONDS` a file, may not open any file for writing, and has its own home,
working, state and temporary folders, which are searched afterwards. Any exception but `StreamError`
counts as a crash.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import script
from benchmarks.record import Record, publish, read
from benchmarks.resilience.fuzzing.readers import READERS

NAME = "fuzz"
SECONDS = 20.0
"""Time after which a file counts as hung."""
SHARE = 5
"""Number of voices for each file of another kind."""
OUTCOMES = ("refused", "accepted", "crashed", "hung")
FOLDERS = {"HOME": "home", "TMPDIR": "tmp", "XDG_RUNTIME_DIR": "run", "STATE_DIRECTORY": "state"}


class Child:
    """A worker that is started again after it has died."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        for name in (*FOLDERS.values(), "input", "cwd"):
            (folder / name).mkdir()

    def outcome(self, task: str) -> str:
        """Try one file, and return one of `OUTCOMES`."""
        process = self.process if self.process and self.process.poll() is None else self._started()
        if not (process.stdin and process.stdout):
            return "crashed"
        # A broken pipe is noticed as the end of the output.
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(task.encode() + b"\n")
            process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], SECONDS)
        if not ready:
            self.stop()
            return "hung"
        line = process.stdout.readline()
        if not line.startswith(b"{"):
            self.stop()
            return "crashed"
        return str(json.loads(line)["outcome"])

    def last_words(self) -> str:
        """Return the exit status of the child and the last line of its standard error."""
        lines = (self.folder / "stderr").read_text(errors="replace").splitlines()
        code = self.process.returncode if self.process else None
        return f"exit status {code}: {lines[-1] if lines else ''}"

    def strays(self) -> list[str]:
        """Return the files that the child must not have written."""
        self.stop()
        return [str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()
                and p.name != "stderr"]  # fmt: skip

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
        for path in (self.folder / "input").iterdir():
            path.unlink()

    def _started(self) -> subprocess.Popen[bytes]:
        self.stop()
        root = Path(__file__).parents[2]
        own = {name: str(self.folder / folder) for name, folder in FOLDERS.items()}
        own |= {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
        with (self.folder / "stderr").open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "benchmarks.resilience.fuzzing.worker",
                 str(self.folder / "input")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                cwd=self.folder / "cwd", env=os.environ | own,
            )  # fmt: skip
        return self.process


def tasks(reader: str, files: int) -> Iterator[tuple[str, int]]:
    """Return the kinds of damage in turn, with a number for each file."""
    kinds = list(READERS[reader].damages)
    return ((kinds[i % len(kinds)], i) for i in range(files))


def records(reader: str, counts: Counter[tuple[str, str]], strays: int) -> list[Record]:
    """Return the outcomes of each kind of damage, and the failures."""
    found = []
    for kind in READERS[reader].damages:
        n = sum(counts[kind, outcome] for outcome in OUTCOMES)
        found += [
            Record(reader, kind, outcome, "", counts[kind, outcome], n=n)
            for outcome in ("refused", "accepted")
        ]
    n = counts.total()
    for outcome in ("crashed", "hung"):
        total = sum(counts[kind, outcome] for kind in READERS[reader].damages)
        found.append(Record(reader, "all", outcome, "", total, n=n, paper="0"))
    return [*found, Record(reader, "all", "files written", "", strays, n=n, paper="0")]


def fuzz(reader: str, files: int, folder: Path) -> list[Record]:
    """Try so many files on one reader, and print crashes to standard error."""
    child = Child(folder)
    counts: Counter[tuple[str, str]] = Counter()
    began = time.monotonic()
    for kind, number in tasks(reader, files):
        task = f"{reader}\t{kind}\t{number}"
        outcome = child.outcome(task)
        counts[kind, outcome] += 1
        if outcome in ("crashed", "hung"):
            print(f"{outcome}: {task!r}: {child.last_words()}", file=sys.stderr)
    strays = child.strays()
    if strays:
        print(f"written: {strays}", file=sys.stderr)
    took = Record(reader, "all", "time", "s", time.monotonic() - began, n=files)
    return [*records(reader, counts, len(strays)), took]


def main(argv: Sequence[str] | None = None) -> int:
    """Return exit code 1 if anything crashed, hung or was written."""
    parser = script.parser(NAME, __doc__)
    parser.add_argument(
        "--files", type=int, default=10_000, help="number of voices; a fifth for each other reader"
    )
    parser.add_argument(
        "--reader", action="append", choices=READERS, help="try only this reader; may be repeated"
    )
    args = parser.parse_args(argv)
    readers = args.reader or list(READERS)
    # Figures of other readers stay in the results.
    found = [Record(**d) for d in (read(NAME) if args.reader else ()) if d["system"] not in readers]
    with tempfile.TemporaryDirectory() as scratch:
        for reader in readers:
            folder = Path(scratch, reader.replace(" ", "_"))
            folder.mkdir()
            found += fuzz(reader, args.files if reader == "voice" else args.files // SHARE, folder)
    publish(NAME, found)
    return int(any(r.value for r in found if r.paper == "0"))


if __name__ == "__main__":
    sys.exit(main())
