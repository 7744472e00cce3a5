"""`perpetuum rate`: store ratings of rendered files, from which the filter can learn."""

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
    """Store the stars of each file, as typed by the listener or given by `--stars`."""
    given = _stars(args.stars) if args.stars is not None else None
    if given is None and not sys.stdin.isatty():
        raise SettingsError(
            "rate: standard input is not a terminal; rate the files by a flag, such as --stars 4"
        )
    # All files are read before any is rated, so that a mistake is reported at once.
    style = _style(args.style)
    songs = [(path, *_song(path)) for path in args.files]
    for path, digest, notes in songs:
        stars = given or _asked(path)
        rating = ratings.Rating(path.name, digest, stars, style, notes)
        ratings.append(args.ratings, rating)
        say(f"{path}: {stars} of 5, stored in {args.ratings}")
    return 0


def _style(text: str | None) -> str:
    """Return the style that is rated; warn if no shipped voice has it, but allow it."""
    if text is None:
        return ""
    known = {name for voice in shipped_voices() for name in read_spec(voice).styles}
    style = meant(text, known)
    if style not in known:
        complain(
            f"--style {text}: no voice that came with the program has this style, so the rating"
            f" applies to none of them; known styles are"
            f" {', '.join(sorted(known))}{did_you_mean(text, known)}"
        )
    return style


def _stars(text: str) -> int:
    if text not in {str(stars) for stars in ratings.STARS}:
        raise SettingsError(f"--stars {text}: give {STARS}")
    return int(text)


def _asked(path: Path) -> int:
    """Return the stars that the listener types, asking again until they are valid."""
    while True:
        try:
            answer = ask(f"{path}, 1 (bad) to 5 (good): ")
        except EOFError as error:
            raise SettingsError(f"rate {path}: no answer; earlier ratings are stored") from error
        try:
            return _stars(answer)
        except SettingsError:
            say(f"{answer!r} is not {STARS}")


def _song(path: Path) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the SHA-256 of a file, and pitch and length of the notes of its longest melody."""
    melodies = read_melodies(path, complain)
    if not melodies:
        raise CorpusError(f"{path}: contains no melody (drums do not count); rate another file")
    longest = max(melodies, key=lambda melody: len(melody.notes))
    return digest_of(path), tuple(_pitches(normalized(longest.notes)))


def _pitches(tokens: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    for pitch_class, octave, duration in tokens:
        if pitch_class != REST:
            yield decode_pitch(pitch_class, octave), TWELFTHS[duration]
