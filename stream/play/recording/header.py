"""Header of a section of a recording: what composed it, and in which version of the format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stream.ensembles.ensemble import SOLO
from stream.kept import facts as kept_facts
from stream.music.controls import Controls
from stream.music.tune_facts import DEFAULT_BPM
from stream.own_styles.library import MOST, digests
from stream.profiles.profile import from_document, to_document
from stream.util import validate
from stream.util.validate import Check, text
from stream.util.version import program_version
from stream.voices.spec import digest

if TYPE_CHECKING:
    from pathlib import Path

    from stream.play.session import Session
    from stream.profiles.profile import Profile

FORMAT = 3
"""Version of the format of the texts. Version 1 knows neither ensembles nor expression, versions 1
and 2 no tempo of a tune's own."""
BASES: Mapping[int, Controls] = {
    1: Controls(bpm=DEFAULT_BPM, ensemble=SOLO, expression=0.0, arc=0.0),
    2: Controls(bpm=DEFAULT_BPM),
    3: Controls(),
}
"""Controls of a section until it says otherwise, by version: those that were not known yet have the
values with which the music is the same."""


@dataclass(frozen=True, slots=True)
class Header:
    """Identifies the composer of a section."""

    perpetuum: str
    """Version of the program."""
    voice: str
    """Name of the voice."""
    sha256: str
    """SHA-256 digest of the voice's file."""
    seed: int
    profile: Mapping[str, Any] | None = None
    """The synthesizer that played, as `stream.profiles.profile` writes it."""
    format: int = FORMAT
    kept: Mapping[str, Any] | None = None
    """The facts about a kept tune, as `stream.kept.facts` writes them; None for other files."""
    styles: Mapping[str, str] | None = None
    """SHA-256 digest of each own style that the voice could play; None if there was none."""

    @property
    def base(self) -> Controls:
        """Controls of the section until it says otherwise."""
        return BASES[self.format]

    @property
    def has_ensembles(self) -> bool:
        """True if its phrases may be those of an ensemble."""
        return self.format > 1

    @property
    def synthesizer(self) -> Profile | None:
        """The synthesizer that played. Raises `ValueError` if it is invalid."""
        return None if self.profile is None else from_document(self.profile)


def header_of(session: Session, voice: Path) -> Header:
    """Return the header for what a session plays with a voice file."""
    profile = None if session.profile is None else to_document(session.profile)
    styles = digests(voice) or None
    return Header(
        program_version(), session.voice, digest(voice), session.seed, profile, styles=styles
    )


def _profile(profile: object) -> Mapping[str, Any] | None:
    if profile is None:
        return None
    document: Mapping[str, Any] = validate.table(text, lambda member: member, 20)(profile)
    from_document(document)
    return document


HEADER: Mapping[str, Check] = {
    "perpetuum": text,
    "voice": text,
    "sha256": text,
    "seed": validate.whole(0, 2**63 - 1),
    "profile": _profile,
    "format": validate.whole(min(BASES), FORMAT),
    "kept": kept_facts.checked,
    "styles": validate.table(validate.line, validate.pattern("[0-9a-f]{64}"), MOST),
}


OPTIONAL = ("kept", "styles")
"""Members of a header that are left out where they say nothing."""
