"""`perpetuum rate`: what the listener thinks of rendered files, from which the filter can learn."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from stream.compose.melody.score import normalized
from stream.compose.melody.vocabulary import REST, TWELFTHS, decode_pitch
from stream.errors import CorpusError, SettingsError
from stream.music import ratings
from stream.music.midi_melodies import digest_of, read_melodies
from stream.util.console import ask, complain, say
from stream.util.suggestion import did_you_mean, meant
from stream.voices.spec import read_spec, shipped_voices

STARS = "a whole number of stars from 1 (bad) to 5 (good)"


def run(args: argparse.Namespace) -> int:
    """Ask for the stars of each file, or take `--stars` for all, and keep them."""
    given = _stars(args.stars) if args.stars is not None else None
    if given is None and not sys.stdin.isatty():
        raise SettingsError("rate: no terminal to ask on; say how good the files are: --stars 4")
    # All are read before any is rated: a mistake among them is told at once.
    style = _style(args.style)
    heard = [(path, *_heard(path)) for path in args.files]
    for path, digest, notes in heard:
        stars = given or _asked(path)
        rating = ratings.Rating(path.name, digest, stars, style, notes)
        ratings.append(args.ratings, rating)
        say(f"{path}: {stars} of 5, kept in {args.ratings}")
    return 0


def _style(text: str | None) -> str:
    """The style that is rated. Where no shipped voice has it that is told: one's own may."""
    if text is None:
        return ""
    known = {name for voice in shipped_voices() for name in read_spec(voice).styles}
    style = meant(text, known)
    if style not in known:
        complain(
            f"--style {text}: is in no voice that came with the program and counts for none of"
            f" them; there are {', '.join(sorted(known))}{did_you_mean(text, known)}"
        )
    return style


def _stars(text: str) -> int:
    if text not in {str(stars) for stars in ratings.STARS}:
        raise SettingsError(f"--stars {text}: give {STARS}")
    return int(text)


def _asked(path: Path) -> int:
    """The stars that the listener types; asked again until they make sense."""
    while True:
        try:
            answer = ask(f"{path}, 1 (bad) to 5 (good): ")
        except EOFError as error:
            raise SettingsError(f"rate {path}: no answer; what was rated before is kept") from error
        try:
            return _stars(answer)
        except SettingsError:
            say(f"{answer!r} is not {STARS}")


def _heard(path: Path) -> tuple[str, tuple[tuple[int, int], ...]]:
    """SHA-256 of a file, and pitch and length of the notes of its longest melody."""
    melodies = read_melodies(path, complain)
    if not melodies:
        raise CorpusError(f"{path}: no melody in it (drums do not count); rate another file")
    longest = max(melodies, key=lambda melody: len(melody.notes))
    return digest_of(path), tuple(_noted(normalized(longest.notes)))


def _noted(tokens: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    for pitch_class, octave, duration in tokens:
        if pitch_class != REST:
            yield decode_pitch(pitch_class, octave), TWELFTHS[duration]
