"""`perpetuum setup`: make an appliance of a Raspberry Pi, or take that back."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stream.console import say
from stream.errors import SettingsError
from stream.setup.disk import Disk
from stream.setup.entry import Entry
from stream.setup.plan import Reason, applied, paths, reasons
from stream.setup.recipe import Choices, board_of, recipe_of
from stream.setup.record import EMPTY, PATH, Record, record_of
from stream.setup.report import differences

RELOAD = ("systemctl", "daemon-reload")
BOOTED = Path("/run/systemd/system")
"""Only there where systemd runs: https://www.freedesktop.org/software/systemd/man/sd_booted.html"""


@dataclass(frozen=True, slots=True)
class Plan:
    """The system as it is at some paths, as it shall be, and what is said about it."""

    now: Mapping[str, Entry]
    wanted: Mapping[str, Entry]
    reasons: Mapping[str, Sequence[Reason]]
    old: Record
    """What was kept for `--undo`."""
    record: Record
    """What is to be kept for it."""
    leftover: tuple[str, ...] = ()
    """Folders to be removed, where empty."""
    kept: tuple[str, ...] = ()
    """Paths that the user has changed since, and that stay."""

    @property
    def changed(self) -> dict[str, Entry]:
        return {path: entry for path, entry in self.wanted.items() if entry != self.now[path]}


def run(args: argparse.Namespace) -> int:
    """Print the changes (`--dry-run`), or make them; a second run makes none."""
    disk = Disk(args.root)
    if not args.dry_run and disk.running and os.geteuid() != 0:
        raise SettingsError("setup: only root may change the system; use sudo, or --dry-run")
    plan = _undo(disk) if args.undo else _apply(disk, args)
    if args.dry_run:
        say(*_preview(plan, disk))
        return 0
    _make(plan, disk)
    say(*_summary(plan, disk))
    return 0


def _apply(disk: Disk, args: argparse.Namespace) -> Plan:
    board = board_of(disk.model()) if args.board == "auto" else args.board
    recipe = recipe_of(Choices(board, args.midi, args.audio, args.fast_boot))
    boot = disk.boot()
    old = record_of(disk.read([PATH])[PATH])
    now = disk.read([*paths(recipe, boot), *old.before])
    # Other choices than last time start from what was there before them.
    before = {**now, **old.undone(now)}
    wanted = {**before, **applied(before, recipe, boot)}
    changed = [path for path in wanted if wanted[path] != before[path]]
    record = Record(
        {path: before[path] for path in changed},
        {path: (wanted[path],) for path in changed},
        tuple({*old.folders, *disk.missing_folders([*changed, PATH])}),
    )
    return Plan(now, wanted, reasons(recipe, boot), old, record)


def _undo(disk: Disk) -> Plan:
    old = record_of(disk.read([PATH])[PATH])
    now = disk.read(old.before)
    kept = tuple(old.kept(now))
    return Plan(now, old.undone(now), {}, old, EMPTY, old.folders, kept)


def _make(plan: Plan, disk: Disk) -> None:
    """First what may be undone, then the changes: the plug may be pulled between any two."""
    if plan.changed:
        disk.write({PATH: plan.old.followed_by(plan.record).to_file()})
        disk.write(plan.changed)
    if plan.changed or plan.record != plan.old:
        disk.write({PATH: plan.record.to_file() if plan.record.before else None})
    disk.remove_empty(plan.leftover)
    if plan.changed and disk.running and BOOTED.is_dir():
        _run(RELOAD)


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - no input of anyone
    except (OSError, subprocess.CalledProcessError) as error:
        raise SettingsError(f"setup: '{' '.join(command)}' failed; reboot instead") from error


def _preview(plan: Plan, disk: Disk) -> Iterator[str]:
    yield from differences(plan.now, plan.wanted, plan.reasons)
    yield from _remarks(plan)
    if not plan.changed:
        yield "nothing would change"
    elif disk.running:
        yield f"# then: {' '.join(RELOAD)}"


def _summary(plan: Plan, disk: Disk) -> Iterator[str]:
    for path, entry in plan.changed.items():
        yield f"{'removed' if entry is None else 'wrote'} {path}"
    yield from _remarks(plan)
    if not plan.changed:
        yield "nothing to change: all is as it shall be"
    elif disk.running:
        yield "reboot for it to take effect: sudo reboot"


def _remarks(plan: Plan) -> Iterator[str]:
    for path in plan.kept:
        yield f"{path}: changed since setup; your changes stay"
