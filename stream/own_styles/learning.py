"""Learn a style in a process of its own, and show how far it is."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stream.config.bounds import parsed
from stream.errors import ComposerError, SettingsError
from stream.kept.library import Library as Kept
from stream.own_styles.own_style import Learned, from_bytes
from stream.play.composer.process import MALLOC_ENVIRONMENT, raise_reported_error
from stream.play.recording.default_folder import recordings_folder
from stream.play.recording.recorder import KEPT
from stream.util.console import complain, redraw, say

COMMAND = (sys.executable, "-m", "stream.compose.learning")
WIDTH = 30
"""Characters of the progress bar."""


def learn(args: argparse.Namespace, voice: Path, path: Path) -> Learned:
    """Return the style of the tunes that the arguments name; `path` is where its file will be.

    A search that is interrupted goes on when the same tunes are given again.
    """
    kept = _kept(args)
    if not args.files and not kept:
        raise SettingsError(
            "style learn: no tunes; give files such as tunes/*.abc, or --kept for your kept tunes"
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    request = {
        "name": args.name,
        "files": [os.path.abspath(file) for file in args.files],  # noqa: PTH100 (keeps links)
        "kept": [str(file) for file in kept],
        "unfinished": str(path.with_name(f"{args.name}.unfinished")),
    }
    content = ""
    for document in _documents(voice, request):
        raise_reported_error(document)
        if "share" in document:
            _show(document["share"], document["text"])
        for line in document.get("left_out", ()):
            complain(f"left out: {line}")
        content = document.get("style", content)
    if not content:
        raise ComposerError("style learn: the process that learns has ended early; try it again")
    return from_bytes(content.encode(), args.name)


def _kept(args: argparse.Namespace) -> list[Path]:
    """Return the files of the kept tunes that are asked for. Raises `SettingsError` for none."""
    if not args.kept:
        return []
    stars = 0 if args.stars is None else parsed(args.stars)
    if stars not in range(6):
        raise SettingsError(f"--stars {args.stars}: give a whole number from 1 to 5")
    library = Kept(recordings_folder(os.environ).parent / KEPT)
    found = [library.path_of(tune.name) for tune in library.tunes() if tune.stars >= int(stars)]
    if not found:
        raise SettingsError(
            f"--kept: no such tune in {library.folder}; keep tunes with the key k while they play"
        )
    return found


def _documents(voice: Path, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the process that learns tells, line by line; Ctrl-C ends it."""
    try:
        child = subprocess.Popen(  # noqa: S603 (our own command)
            [*COMMAND, str(voice)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | MALLOC_ENVIRONMENT,
        )
    except OSError as error:
        raise ComposerError(f"style learn: cannot be started: {error.strerror}") from error
    with child:
        try:
            if child.stdin is None or child.stdout is None:
                raise ComposerError("style learn: the process that learns has no pipes")
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.close()
            for line in child.stdout:
                yield json.loads(line)
        except KeyboardInterrupt:
            say("", "stopped; the same command goes on from here")
            raise
        finally:
            child.kill()


def _show(share: float, text: str) -> None:
    """Draw the progress bar on a terminal; elsewhere nothing is written."""
    done = round(WIDTH * share)
    bar = "#" * done + "." * (WIDTH - done)
    redraw(f"{bar} {100 * share:3.0f} %  {text:<44}", "\n" if share >= 1 else "")
