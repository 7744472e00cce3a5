"""Scores as files: ABC and MusicXML by writers of our own, PDF by an installed engraver."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stream.errors import SettingsError
from stream.notation import abc, musicxml
from stream.notation.score import Tune

FORMS: Final = (".abc", ".musicxml")
"""Suffixes of the files that need no other program."""
PDF: Final = ".pdf"
ENGRAVERS: Final = ("mscore", "musescore", "musescore3", "mscore4portable", "MuseScore4")
"""Programs that make a PDF file of a MusicXML file, in the order of choice."""
ENGRAVE_SECONDS: Final = 300.0


def check(path: Path, command: str) -> None:
    """Raise `SettingsError` if a score cannot be written to a file of this name."""
    suffix = path.suffix.lower()
    if suffix == PDF and _engraver() is None:
        raise SettingsError(
            f"{command} {path}: no engraver is installed; run: sudo apt-get install musescore3, or"
            " name a file that ends in .musicxml or .abc"
        )
    if suffix not in (*FORMS, PDF):
        raise SettingsError(f"{command} {path}: name a file that ends in .abc, .musicxml or .pdf")


def written(tunes: Sequence[Tune], suffix: str, title: str) -> bytes:
    """Return a file with tunes. Raises `SettingsError` if it cannot be written in this form."""
    check(Path(f"score{suffix}"), "score")
    if suffix == ".abc":
        return abc.written(tunes).encode()
    document = musicxml.written(tunes, title)
    return document if suffix != PDF else _engraved(document)


def _engraver() -> str | None:
    return next((found for name in ENGRAVERS if (found := shutil.which(name))), None)


def _engraved(document: bytes) -> bytes:
    """Return a PDF file of a MusicXML file. Raises `SettingsError` if the engraver fails."""
    engraver = _engraver()
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "score.musicxml", Path(folder) / "score.pdf"
        source.write_bytes(document)
        try:
            subprocess.run(  # noqa: S603 (the engraver that was found, and our own names)
                [str(engraver), "-o", str(target), str(source)],
                check=True,
                capture_output=True,
                timeout=ENGRAVE_SECONDS,
            )
            return target.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise SettingsError(f"score: {engraver} made no PDF file ({error})") from error
