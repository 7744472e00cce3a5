"""`perpetuum taste`: learn from the stars of the kept tunes, and explain what they move."""

from __future__ import annotations

import argparse
import json
import os

from stream.errors import SinkError
from stream.kept import tastes
from stream.play.recording.default_folder import recordings_folder
from stream.play.recording.recorder import KEPT
from stream.taste.learning import learned
from stream.taste.rated import rated_tunes
from stream.util.console import complain, say


def run(args: argparse.Namespace) -> int:
    """Learn the taste, store it beside the tunes, and print it."""
    folder = args.kept or recordings_folder(os.environ).parent / KEPT
    taste = learned(rated_tunes(folder, complain))
    if folder.is_dir():
        try:
            tastes.write(folder, taste)
        except OSError as error:
            raise SinkError(
                f"{folder / tastes.FILE}: cannot be written ({error.strerror}); give a folder with"
                " free space by --kept"
            ) from error
    say(json.dumps(taste.document()) if args.json else taste.sentence)
    return 0
