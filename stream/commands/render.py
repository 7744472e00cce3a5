"""`perpetuum render`: write the stream to a file, as fast as the processor allows."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from stream.commands.checks import check_new, check_style
from stream.commands.play import session_of, settings_of
from stream.config.settings import Settings
from stream.config.unused_settings import without_effect
from stream.errors import SettingsError
from stream.notation.files import check as check_score
from stream.play.composer.phrase_client import PhraseClient
from stream.play.composer.process import composer_command
from stream.play.composer.timeouts import BAND_SECONDS
from stream.play.observer import NullObserver
from stream.play.render import render
from stream.play.rendered_files import ScoreObserver, split
from stream.play.sinks.base import Sink
from stream.util.console import complain, say
from stream.util.stop_signals import stop_signals
from stream.voices.kind import kind_of
from stream.voices.schema import AUDIO
from stream.voices.spec import find_voice, read_spec

PLAYED = ("map", "answer", "thru", "absent", "clock", "responsive", "recordings", "kept")
"""Settings that `render` ignores."""


def run(args: argparse.Namespace) -> int:
    """Render `--minutes` of the stream."""
    settings = settings_of(args)
    if settings.minutes is None:
        raise SettingsError("render: the stream never ends; give its length, such as --minutes 5")
    check_new("render", Path(args.file))
    voice = find_voice(settings.voice)
    if kind_of(voice) == AUDIO:
        from stream.commands import sound

        return sound.render(settings, voice, Path(args.file), as_json=args.json)
    settings = check_style(settings, voice)
    for line in without_effect(_rendered(settings), read_spec(voice)):
        complain(line)
    if settings.cc:
        complain(
            "--cc: has no effect: a rendered file has no controllers; 'perpetuum play' sends them"
        )
    if args.score is not None:
        check_new("--score", args.score)
        check_score(args.score, "--score")
    sink = _sink(Path(args.file))
    session = dataclasses.replace(session_of(settings), behind=0)
    score = ScoreObserver(session)
    observer = score if args.score is not None else NullObserver()
    with stop_signals() as stop:
        client = PhraseClient(composer_command(voice), patience=BAND_SECONDS)
        stats = render(client, (sink,), session=session, observer=observer, stop=stop)
    path = sink.name.partition(":")[2]
    if args.split is not None:
        split(Path(path), args.split)
    if args.score is not None:
        score.write(args.score)
    if args.json:
        facts = {"file": path, "seed": settings.seed, **stats.to_document()}
        say(json.dumps(facts))
    else:
        say(f"{path}: {stats.tunes} tunes, {stats.notes} notes, seed {settings.seed}")
    return 0


def _rendered(settings: Settings) -> Settings:
    """Return the settings without those for `play` only, which a shared file may contain."""
    plain = Settings()
    return dataclasses.replace(settings, **{name: getattr(plain, name) for name in PLAYED})


def _sink(path: Path) -> Sink:
    if path.suffix.lower() == ".wav":
        from stream.play.sinks.wavfile import WavFileSink

        return WavFileSink(path)
    if path.suffix.lower() in {".mid", ".midi"}:
        from stream.play.sinks.midifile import MidiFileSink

        return MidiFileSink(path)
    raise SettingsError(
        f"render {path}: ends neither in .mid nor in .wav; name the file OUT.mid or OUT.wav"
    )
