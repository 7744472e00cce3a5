"""`perpetuum pairs`: list, add and revoke the browsers that are paired with the panel."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from stream.errors import SettingsError
from stream.pairs.document import Pair, Pairs
from stream.pairs.folder import pairs_folders
from stream.pairs.qr_code import DARK_ROW, matrix_of, rows
from stream.pairs.sessions import INVITATION_SECONDS, new_invitation
from stream.pairs.store import PairStore, UnusableError
from stream.util.console import complain, say
from stream.util.installation import install_extra
from stream.util.suggestion import did_you_mean

ALL = "all"


def run(args: argparse.Namespace) -> int:
    """List the browsers, or add or revoke one."""
    stores = [PairStore(folder) for folder in pairs_folders(os.environ)]
    if args.action == "add":
        return _add(stores)
    if args.action == "revoke":
        return _revoke(stores, " ".join(args.name))
    found = [pair for store in stores for pair in _read(store).pairs]
    if args.json:
        say(json.dumps([_facts(pair) for pair in found]))
    elif not found:
        say("no browser is paired; 'perpetuum pairs add' shows a code that pairs one")
    else:
        width = max(len(pair.name) for pair in found)
        for pair in found:
            say(f"{pair.name:{width}}  paired {pair.paired}  used {pair.used}")
    return 0


def _facts(pair: Pair) -> dict[str, str]:
    return {name: value for name, value in dataclasses.asdict(pair).items() if name != "digest"}


def _add(stores: list[PairStore]) -> int:
    """Invite one more browser to the panel that was started last."""
    found = [store for store in stores if _read(store).url]
    if not found:
        raise SettingsError(
            "pairs add: no panel that needs pairing was started by this account; start one with"
            " --panel 0.0.0.0:8765"
        )
    store = max(found, key=lambda store: store.path.stat().st_mtime)
    now = time.monotonic()
    code, invitation = new_invitation(now)
    pairs = _change(store, lambda pairs: pairs.with_invitation(invitation, now))
    url = f"{pairs.url}/pair#{code}"
    _show(url)
    say(url)
    say(f"pairs one browser within {INVITATION_SECONDS / 60:.0f} minutes")
    return 0


def _show(url: str) -> None:
    """Draw the code if the library is there, and the terminal is wide enough."""
    matrix = matrix_of(url)
    if matrix is None:
        complain(f"segno is not installed, so there is no QR code; run: {install_extra('panel')}")
        return
    if "utf" not in sys.stdout.encoding.lower():
        return
    is_terminal = sys.stdout.isatty()
    if is_terminal and shutil.get_terminal_size().columns < len(matrix):
        complain(f"the terminal has fewer than {len(matrix)} columns, so there is no QR code")
        return
    for row in rows(matrix):
        say(DARK_ROW.format(row) if is_terminal else row)


def _revoke(stores: list[PairStore], name: str) -> int:
    """Forget a browser, or all of them."""
    known = [pair.name for store in stores for pair in _read(store).pairs]
    names = known if name == ALL else [each for each in known if each.casefold() == name.casefold()]
    if not names and name != ALL:
        raise SettingsError(
            f"pairs revoke {name}: no paired browser has this name; 'perpetuum pairs' lists them"
            + did_you_mean(name, known)
        )
    revoked = frozenset(names)
    for store in stores:
        if name == ALL:
            _change(store, lambda pairs: replace(pairs, pairs=(), invitations=()))
        else:
            _change(store, lambda pairs: pairs.without(revoked))
    say(f"revoked: {', '.join(names) or 'none was paired'}")
    return 0


def _read(store: PairStore) -> Pairs:
    """Return the content. Raises `SettingsError` that names the file."""
    try:
        return store.read()
    except UnusableError as error:
        complain(f"{store.path}: {error}; the panel sets it aside when it starts")
        return Pairs()
    except OSError as error:
        raise _unusable(store.path, error) from error


def _change(store: PairStore, change: Callable[[Pairs], Pairs]) -> Pairs:
    """Change the content. Raises `SettingsError` that names the file."""
    try:
        pairs, notice = store.change(change)
    except OSError as error:
        raise _unusable(store.path, error) from error
    if notice:
        complain(notice)
    return pairs


def _unusable(path: Path, error: OSError) -> SettingsError:
    return SettingsError(f"pairs {path}: {error.strerror or error}")
