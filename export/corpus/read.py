"""Corpora by path: `STYLE=PATH`, where PATH is an archive, a MIDI or ABC file, or a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from export.corpus.melody_npz import read_npz
from export.corpus.solos import Cut, choruses, sixteen_bars
from stream.compose.tunes.abc import read_abc
from stream.compose.tunes.midi import read_midi
from stream.compose.tunes.rules import IN_C, RULES, Rule, normalize
from stream.compose.tunes.tune import Melody, Tune
from stream.errors import CorpusError
from stream.music.midi_melodies import Notify

READERS: dict[str, Callable[[Path, str, Notify, Cut], Iterator[Tune]]] = {
    ".npz": lambda path, style, _, cut: read_npz(path, style, cut),
    ".mid": lambda path, style, tell, _: read_midi(path, style, tell),
    ".midi": lambda path, style, tell, _: read_midi(path, style, tell),
    ".abc": lambda path, style, tell, _: read_abc(path, style, tell),
}


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal form of melodies."""

    rules: tuple[tuple[str, Rule], ...]
    cut: Cut
    """Division of performances into melodies."""


PAPER = Normal(RULES, sixteen_bars)
"""The form of paper 002: each melody in the key of its corpus."""
SCORES = Normal(IN_C, choruses)
"""Melodies whose tonic is C; performances in whole choruses."""


@dataclass(slots=True)
class Report:
    """Outcome of reading one corpus."""

    style: str
    path: str
    files: int = 0
    tunes: int = 0
    kept: int = 0
    events: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    """Number of tunes that each rule dropped."""
    broken: list[str] = field(default_factory=list)
    """Unreadable files, each with the reason."""
    passed_over: list[str] = field(default_factory=list)
    """Files that were read in part, each with what was skipped."""


def parse_spec(spec: str) -> tuple[str, Path]:
    """Return style and path of `STYLE=PATH`."""
    style, separator, path = spec.partition("=")
    if not separator or not style or not path:
        raise CorpusError(f"corpus {spec}: write STYLE=PATH, such as folk=tunes/")
    if not Path(path).exists():
        raise CorpusError(f"corpus {spec}: there is no {path}")
    return style, Path(path)


def load(specs: Sequence[str], form: Normal = PAPER) -> tuple[list[Melody], list[Report]]:
    """Return the melodies of all corpora in a normal form, and a report of each.

    Broken files are skipped and named in the reports. Raises `CorpusError` if nothing usable is
    left of a corpus.
    """
    melodies: list[Melody] = []
    reports = []
    for spec in specs:
        style, path = parse_spec(spec)
        found, report = _load_one(style, path, form)
        melodies += found
        reports.append(report)
        if not found:
            raise CorpusError(f"corpus {spec}: nothing usable in it: {_reason(report)}")
    return melodies, reports


def name_broken(reports: Sequence[Report], output: TextIO) -> None:
    """Write the number of files that were skipped, or read in part, and a line about each."""
    for report in reports:
        for what, lines in (("skipped", report.broken), ("read in part", report.passed_over)):
            if lines:
                head = f"corpus {report.style}: {len(lines)} of {report.files} files {what}"
                print(head, *lines, sep="\n  ", file=output)


def _reason(report: Report) -> str:
    """Return the reason why no melody is left."""
    if not report.files:
        return f"no file ends in {', '.join(READERS)}"
    if report.broken:
        return report.broken[0]
    if not report.tunes:
        return "its files hold no notes"
    rules = [f"{rule} {count}" for rule, count in report.dropped.items() if count]
    return f"none of {report.tunes} tunes passes the rules (dropped by {', '.join(rules)})"


def _load_one(style: str, path: Path, form: Normal) -> tuple[list[Melody], Report]:
    report = Report(style, str(path))
    tunes: list[Tune] = []
    for file in _files(path):
        report.files += 1
        try:
            reader = READERS[file.suffix.lower()]
            tunes += reader(file, style, report.passed_over.append, form.cut)
        except CorpusError as error:
            report.broken.append(str(error))
    melodies, dropped = normalize(tunes, form.rules)
    report.tunes, report.kept, report.dropped = len(tunes), len(melodies), dict(dropped)
    report.events = sum(len(m.tokens) for m in melodies)
    return melodies, report


def _files(path: Path) -> list[Path]:
    if path.is_file():
        if path.suffix.lower() not in READERS:
            raise CorpusError(f"{path}: unknown type; give one of {', '.join(READERS)}")
        return [path]
    return sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in READERS)
