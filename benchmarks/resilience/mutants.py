"""Share of small faults in the code that the tests notice: a sample of mutmut's mutants.

mutmut copies the checkout into `mutants/`, finds out which tests run which function, and runs just
those tests on each mutant. A mutant that behaves like the original is equivalent: such mutants are
listed with their reasons in `equivalent_mutants.toml`, and do not count.

mutmut sees no tests of functions that only run in a child process, or in tests that need a sound
server or a browser. It is not known whether tests notice their mutants, and they are counted
separately.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import script
from benchmarks.record import Record, publish

NAME = "mutants"
ROOT = Path(__file__).parents[2]
COPY = ROOT / "mutants"
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
GOAL = 0.9
"""Share of the mutants without the equivalent ones that tests should kill."""
SURVIVED, NO_TESTS = 0, 33
"""Exit codes that mutmut records; every other code is a mutant that tests noticed."""
FIRST = "stream.panel.origin.*"
"""A few mutants; running them creates all others and finds the tests of each function."""


@dataclass(slots=True)
class Tally:
    """The sampled mutants of one module by result."""

    made: int = 0
    """Number of all mutants; the sample may have fewer."""
    killed: int = 0
    equivalent: int = 0
    unknown: int = 0
    """Mutants in functions without a test in this process."""
    survivors: list[str] = field(default_factory=list)
    """Names of the mutants that no test noticed."""

    @property
    def share(self) -> float:
        """Return killed mutants over killed and survived ones (0-1)."""
        counted = self.killed + len(self.survivors)
        return self.killed / counted if counted else 1.0


def codes() -> dict[str, int | None]:
    """Return the exit code that mutmut recorded for each mutant; None if it has not run yet."""
    found: dict[str, int | None] = {}
    for meta in sorted(COPY.rglob("*.py.meta")):
        found |= json.loads(meta.read_bytes())["exit_code_by_key"]
    return found


def module_of(mutant: str) -> str:
    return mutant.rpartition(".")[0]


def sample(mutants: Iterable[str], size: int, seed: int) -> list[str]:
    """Return at most `size` mutants of each module, the same ones for the same seed."""
    by_module: dict[str, list[str]] = {}
    for mutant in sorted(mutants):
        by_module.setdefault(module_of(mutant), []).append(mutant)
    chosen: list[str] = []
    for module, names in by_module.items():
        drawn = random.Random(f"{seed} {module}").sample(names, min(size, len(names)))
        chosen += sorted(drawn)
    return chosen


def mutmut(*arguments: str) -> str:
    """Run mutmut in the checkout and return what it prints."""
    environment = os.environ | {"PYTHONPATH": str(COPY)}
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, check=False
    )
    return done.stdout


def change(mutant: str) -> str:
    """Return the change of a mutant as `old -> new`, which stays the same if the code moves."""
    lines = mutmut("show", mutant).splitlines()
    old, new = (
        [line[1:].strip() for line in lines if re.match(rf"{sign}(?!{sign})", line)]
        for sign in ("-", r"\+")
    )
    return f"{' '.join(old)} -> {' '.join(new)}"


def equivalents() -> dict[str, str]:
    """Return why a change is equivalent, by `module: old -> new`."""
    return (
        dict(tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))) if EQUIVALENT.exists() else {}
    )


def count(chosen: Sequence[str]) -> dict[str, Tally]:
    """Return the results of the chosen mutants by module."""
    tallies: dict[str, Tally] = {}
    known, found = equivalents(), codes()
    made = Counter(map(module_of, found))
    for mutant in chosen:
        module = module_of(mutant)
        tally = tallies.setdefault(module, Tally(made[module]))
        if found[mutant] is None:
            continue  # interrupted before its turn
        if found[mutant] == NO_TESTS:
            tally.unknown += 1
        elif found[mutant] != SURVIVED:
            tally.killed += 1
        elif f"{module}: {change(mutant)}" in known:
            tally.equivalent += 1
        else:
            tally.survivors.append(mutant)
    return tallies


def records(tallies: dict[str, Tally]) -> list[Record]:
    """Return all figures of the whole and of each folder, and the killed share of each module."""
    folders: dict[str, Tally] = {"all modules": Tally()}
    for module, tally in tallies.items():
        folder = folders.setdefault(".".join(module.split(".")[:-1][:2]), Tally())
        for whole in (folders["all modules"], folder):
            whole.made += tally.made
            whole.killed += tally.killed
            whole.equivalent += tally.equivalent
            whole.unknown += tally.unknown
            whole.survivors += tally.survivors
    rows = [row for name, tally in folders.items() for row in _rows(name, tally)]
    judged = {module: tally for module, tally in tallies.items() if tally.killed or tally.survivors}
    return rows + [_rows(module, tally)[0] for module, tally in judged.items()]


def _rows(name: str, tally: Tally) -> list[Record]:
    judged = tally.killed + len(tally.survivors)
    tried = judged + tally.equivalent + tally.unknown
    of = f"{tried} of {tally.made} mutants"
    missed = "" if tally.share >= GOAL else ": missed"
    return [
        Record(name, of, "killed, share", "", tally.share, n=judged, paper=f"{GOAL}{missed}"),
        Record(name, of, "killed", "", tally.killed, n=tried),
        Record(name, of, "survived", "", len(tally.survivors), n=tried),
        Record(name, of, "equivalent", "", tally.equivalent, n=tried),
        Record(name, of, "not known", "", tally.unknown, n=tried),
    ]


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--sample", type=int, default=4, help="mutants of each module (4)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the sample (1)")
    parser.add_argument("--module", default="", help="only modules whose name starts with this")
    args = parser.parse_args()
    # Python ignores a folder on its path that is missing when it starts.
    COPY.mkdir(exist_ok=True)
    mutmut("run", FIRST)
    names = [mutant for mutant in codes() if mutant.startswith(args.module)]
    chosen = sample(names, args.sample, args.seed)
    mutmut("run", "--max-children", str(os.cpu_count()), *chosen)
    tallies = count(chosen)
    for tally in tallies.values():
        for mutant in tally.survivors:
            print(f"survived  {module_of(mutant)}: {change(mutant)}", file=sys.stderr)
    publish(NAME, records(tallies))


if __name__ == "__main__":
    main()
