"""The kept tunes that have stars, with their features."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stream.errors import RecordingError, SettingsError
from stream.kept.facts import KeptFacts, read
from stream.kept.json_file import MOST_BYTES
from stream.kept.library import KEPT_NAME, number_of
from stream.kept.stars import FILE
from stream.music.favourite import main_style
from stream.music.ratings import STARS
from stream.play.recording.kept_file import read_parts
from stream.taste.features import of_tune
from stream.taste.learning import MOST_RATINGS, Rated
from stream.util import regular_file
from stream.util.validate import parsed, shown


def rated_tunes(folder: Path, complain: Callable[[str], None]) -> list[Rated]:
    """Return the latest kept tunes with stars, the oldest first.

    What is wrong with a single tune is a message to `complain`. Raises `SettingsError` if the file
    of the stars cannot be read.
    """
    stars = _stars(folder / FILE, complain)
    found = []
    for name in sorted(stars, key=number_of)[-MOST_RATINGS:]:
        try:
            found.append(_rated(folder / name, stars[name]))
        except RecordingError as error:
            complain(f"{error}; its stars are left out: delete it by 'perpetuum kept delete'")
    return found


def _stars(path: Path, complain: Callable[[str], None]) -> dict[str, int]:
    """Return the stars by the name of the tune, without those that are invalid."""
    if not path.exists():
        return {}
    try:
        document = parsed(regular_file.read(path, MOST_BYTES, "file of stars"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a JSON object"
        raise SettingsError(
            f"{path}: the stars cannot be read ({reason}); repair the file, or delete it and rate"
            " again"
        ) from error
    valid = {n: s for n, s in document.items() if _is_rating(n, s)}
    for name in sorted(document.keys() - valid.keys())[:1]:
        complain(
            f"{path}: {shown(name)} with {shown(document[name])} is not a kept tune with 1 to 5"
            " stars and is left out; remove the entry"
        )
    return valid


def _is_rating(name: str, stars: Any) -> bool:
    return bool(re.fullmatch(KEPT_NAME, name)) and type(stars) is int and stars in STARS


def _rated(path: Path, stars: int) -> Rated:
    facts, _ = read(path)
    # A part is a stretch of a phrase that was played; the phrase counts once.
    sources = {part.source.index: part.source for part in read_parts(path)}
    phrases = [dataclasses.replace(each, bpm=facts.bpm) for each in sources.values()]
    return Rated(path.name, _title(facts), stars, main_style(facts.style), of_tune(phrases))


def _title(facts: KeptFacts) -> str:
    """Return the title, such as `jig in D major, 6/8` or `bach in D minor, 4/4`."""
    return facts.title if facts.kind else f"{main_style(facts.style)} {facts.title}"
