"""Nothing that comes from elsewhere steers a terminal, and nothing fails for want of a letter."""

import ast
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import StreamError
from stream.play.view import terminal
from stream.util import console
from stream.util.console import say
from stream.util.printable import visible

STREAM = pathlib.Path(console.__file__).parents[1]
SPEAKERS = {"util/console.py", "play/view/log.py"}


@given(st.text(st.characters()), st.sampled_from(["utf-8", "ascii", "iso-8859-1"]))
def test_what_is_visible_is_one_line_that_can_be_written(text, encoding):
    shown = visible(text, encoding)
    assert shown.isprintable()
    shown.encode(encoding)
    assert visible(shown, encoding) == shown
    if text.isprintable() and text.isascii():
        assert shown == text


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("a\x1b[2Jb\r\n", "utf-8", r"a\x1b[2Jb\r\n"),
        ("\u202egpj.exe", "utf-8", r"\u202egpj.exe"),
        ("caf\udce9", "utf-8", r"caf\udce9"),
        ("café", "ascii", r"caf\u00e9"),
        ("𝄞", "iso-8859-1", r"\U0001d11e"),
        ("café", "iso-8859-1", "café"),
    ],
)
def test_how_it_looks(text, encoding, shown):
    assert visible(text, encoding) == shown


def test_a_line_stays_a_line(capsys):
    say("one\ntwo", "\x1b]0;title\x07")
    assert capsys.readouterr().out == "one\\ntwo\n\\x1b]0;title\\x07\n"


def test_errors_are_fit_to_be_seen():
    assert str(StreamError("a\x1b[2J\udce9")) == r"a\x1b[2J\udce9"


def test_nobody_else_prints():
    for path in sorted(STREAM.rglob("*.py")):
        if path.relative_to(STREAM).as_posix() in SPEAKERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            assert not (isinstance(called, ast.Name) and called.id in {"print", "input"}), path


@pytest.mark.parametrize(("no_color", "suits"), [(None, True), ("", True), ("1", False)])
def test_no_color_counts_where_it_says_something(monkeypatch, no_color, suits):
    monkeypatch.setattr(terminal.os, "isatty", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    assert terminal.suitable(1) is suits
