"""`perpetuum style`: learn a style from tunes; list, show, add, rename and delete own styles."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping

from stream.config.settings import DEFAULT_VOICE
from stream.errors import SettingsError, StreamError
from stream.own_styles.learning import learn
from stream.own_styles.library import Library
from stream.own_styles.own_style import Learned, document_of, misfit
from stream.util.console import complain, say
from stream.voices.spec import digest, find_voice, read_spec, shipped_voices


def run(args: argparse.Namespace) -> int:
    """Do what is asked; without an action, list the styles."""
    return ACTIONS[args.action or "list"](args)


def _learn(args: argparse.Namespace) -> int:
    voice = find_voice(args.voice or DEFAULT_VOICE)
    library = Library()
    path = library.path_of(args.name)
    if args.name in taken():
        raise SettingsError(f"style {args.name}: a voice has a style of this name; give another")
    if args.name in library.names() and not args.replace:
        raise SettingsError(
            f"style {args.name}: there is one of this name; give another, or add --replace"
        )
    learned = learn(args, voice, path)
    library.write(learned)
    before, after = learned.bits
    say(
        f"{learned.name}: learned from {learned.tunes} tunes, nearest to {learned.parent};"
        f" {before:.2f} bits a note there, {after:.2f} here",
        f"hear it:  perpetuum play --style {learned.name}",
        f"share it: {path}",
    )
    return 0


def _list(args: argparse.Namespace) -> int:
    library = Library()
    found = []
    for name in library.names():
        try:
            found.append(library.read(name))
        except StreamError as error:
            complain(str(error))
    if args.json:
        say(json.dumps([document_of(learned) for learned in found]))
        return 0
    for learned in found:
        fault = _fault(learned)
        say(f"{_line(learned)}{f'; {fault}' if fault else ''}")
    if not found:
        say("no own style yet; learn one: perpetuum style learn NAME FILES")
    return 0


def _line(learned: Learned) -> str:
    return f"{learned.name}: {learned.tunes} tunes, like {learned.parent} of {learned.voice}"


def _fault(learned: Learned) -> str:
    """Return why a style cannot be played now; empty if it can."""
    try:
        voice = find_voice(learned.voice)
    except StreamError:
        return f"voice {learned.voice} is not here"
    return misfit(learned, read_spec(voice), digest(voice))


def _show(args: argparse.Namespace) -> int:
    learned = Library().read(args.name)
    if args.json:
        say(json.dumps(document_of(learned)))
        return 0
    style = learned.style
    say(
        _line(learned),
        f"  bits a note of tunes held out: {learned.bits[0]:.2f} as {learned.parent},"
        f" {learned.bits[1]:.2f} as {learned.name}",
        f"  meters: {_shares(style.meters)}",
        f"  modes: {_shares(style.modes)}",
        f"  forms: {_shares(dict(list(style.forms.items())[:6]))}",
        f"  tags: {', '.join(f'{tag} {weight:.2f}' for tag, weight in style.tags.items())}",
        f"  {len(style.outlines)} outlines, {'a' if style.leaning else 'no'} leaning",
        f"  SHA-256 {style.digest}",
    )
    if fault := _fault(learned):
        say(f"  {fault}")
    return 0


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items())


def _add(args: argparse.Namespace) -> int:
    learned = Library().add(args.file, args.name, taken())
    fault = _fault(learned)
    say(f"{_line(learned)}; {fault or f'play it with --style {learned.name}'}")
    return 0


def _rename(args: argparse.Namespace) -> int:
    Library().rename(args.name, args.new, taken())
    say(f"{args.name}: now {args.new}")
    return 0


def _delete(args: argparse.Namespace) -> int:
    Library().delete(args.name)
    say(f"{args.name}: deleted")
    return 0


def taken() -> frozenset[str]:
    """Return the names that styles of the shipped voices have."""
    return frozenset(name for path in shipped_voices() for name in read_spec(path).styles)


ACTIONS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "learn": _learn,
    "list": _list,
    "show": _show,
    "add": _add,
    "rename": _rename,
    "delete": _delete,
}
