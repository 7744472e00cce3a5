"""`perpetuum setup`: turn a Raspberry Pi into an appliance, or undo that."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from stream.errors import SettingsError
from stream.setup.boot_files import CONFIG, doubts, named
from stream.setup.disk import Disk
from stream.setup.entry import Entry
from stream.setup.plan import Reason, applied, is_boot_file, paths, reasons
from stream.setup.recipe import AUTO, Choices, board_of, recipe_of
from stream.setup.report import differences
from stream.setup.undo_record import EMPTY, PATH, Record, record_of
from stream.util.console import say
from stream.util.suggestion import meant

RELOAD = ("systemctl", "daemon-reload")
BOOTED = Path("/run/systemd/system")
"""Folder that exists only while systemd runs.

https://www.freedesktop.org/software/systemd/man/sd_booted.html
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """The entries at some paths now and after the set-up, and the notes about them."""

    now: Mapping[str, Entry]
    wanted: Mapping[str, Entry]
    reasons: Mapping[str, Sequence[Reason]]
    old: Record
    """Record of the earlier set-up, for `--undo`."""
    record: Record
    """Record of this set-up, for `--undo`."""
    leftover: tuple[str, ...] = ()
    """Folders to be removed if they are empty."""
    remarks: tuple[str, ...] = ()
    """Notes on what differs from the request or is left to the user."""

    @property
    def changed(self) -> dict[str, Entry]:
        return {path: entry for path, entry in self.wanted.items() if entry != self.now[path]}


def run(args: argparse.Namespace) -> int:
    """Print the changes (`--dry-run`) or make them; a second run changes nothing."""
    disk = Disk(args.root)
    if not args.dry_run and disk.running and os.geteuid() != 0:
        raise SettingsError("setup: only root may change the system; use sudo, or add --dry-run")
    plan = _undo(disk) if args.undo else _apply(disk, args)
    if args.dry_run:
        say(*_preview(plan, disk))
        return 0
    _make(plan, disk)
    say(*_summary(plan, disk))
    return 0


def _apply(disk: Disk, args: argparse.Namespace) -> Plan:
    board = board_of(disk.model()) if meant(args.board, (AUTO,)) == AUTO else args.board
    recipe = recipe_of(Choices(board, args.midi, args.audio, args.fast_boot))
    boot = disk.boot()
    main = f"{boot}/{CONFIG}"
    old = record_of(disk.read([PATH])[PATH])
    now = disk.read([*paths(recipe, boot), *old.before])
    # Other choices than last time start from the system before the earlier set-up.
    before = {**now, **old.undone(now)}
    while more := named(before, main, recipe.board) - before.keys():
        found = disk.read(more)
        now, before = now | found, before | found
    missing = recipe.missing(disk.is_program)
    recipe = recipe.without(missing)
    wanted = {**before, **applied(before, recipe, boot)}
    changed = [path for path in wanted if wanted[path] != before[path]]
    record = Record(
        {path: before[path] for path in changed},
        {path: (wanted[path],) for path in changed},
        tuple({*old.folders, *disk.missing_folders([*changed, PATH])}),
    )
    remarks = (*doubts(wanted, main, recipe), *map(_missing, missing.items()))
    why = reasons(recipe, wanted, boot)
    return Plan(now, wanted, why, old, record, old.folders, remarks)


def _missing(link: tuple[str, str]) -> str:
    path, program = link
    return (
        f"{PurePosixPath(path).name} is not enabled: it starts {program}, which is not installed;"
        " install it and run setup again"
    )


def _undo(disk: Disk) -> Plan:
    old = record_of(disk.read([PATH])[PATH])
    if any(map(is_boot_file, old.before)):
        # Undoing removes the record, so the boot partition must be present.
        disk.boot()
    now = disk.read(old.before)
    remarks = tuple(f"{path}: changed since setup; your changes stay" for path in old.edited(now))
    return Plan(now, old.undone(now), {}, old, EMPTY, old.folders, remarks)


def _make(plan: Plan, disk: Disk) -> None:
    """Write the undo record, then the changes, because the power may fail between any two steps."""
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
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (a fixed command)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SettingsError(f"setup: '{' '.join(command)}' failed; reboot instead") from error


def _preview(plan: Plan, disk: Disk) -> Iterator[str]:
    yield from differences(plan.now, plan.wanted, plan.reasons)
    yield from plan.remarks
    if not plan.changed:
        yield "nothing would change"
    elif disk.running:
        yield f"# then: {' '.join(RELOAD)}"


def _summary(plan: Plan, disk: Disk) -> Iterator[str]:
    for path, entry in plan.changed.items():
        yield f"{'removed' if entry is None else 'wrote'} {path}"
    yield from plan.remarks
    if not plan.changed:
        yield "nothing to change: everything is set up already"
    elif disk.running:
        yield "the changes take effect after: sudo reboot"
