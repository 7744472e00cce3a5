"""Documentation of every setting, made from the source, for docs/configuration.md."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from stream.config import settings
from stream.config.bounds import CHOICES, LISTS, PITCHES, RANGES, SWITCHES, WHOLE
from stream.config.settings import KEYS, Settings
from stream.music.controls import AUTO, AUTOMATIC, CONTROLS
from stream.util.toml_writer import assignment, value_text

COMMAND = "perpetuum config --document"
HEAD = """# Configuration

Settings are read from one TOML file, given by `--config FILE.toml`; the service reads
`/etc/perpetuum/perpetuum.toml`. Every key is optional, an unknown key is an error, and a flag of
the same name (`--top-p` for `top_p`) overrides the file.

```sh
perpetuum config --check stage.toml            # "ok", or the first error
perpetuum config --show --config stage.toml    # the settings in effect, as TOML
```

## An example

```toml
"""
EXAMPLE = """\
voice = "commons"
style = "folk:0.8,jazz:0.2"        # mostly folk
bpm = 96
transpose = -12
scale = "D dorian"

out = ["port:UM-ONE", "file:/var/lib/perpetuum/today.mid"]
absent = "await"                   # wait until the interface is plugged in
profile = "moog-minitaur"
cc = "cutoff=70,resonance=20"
clock = "send"

panel = "127.0.0.1:8765"           # only for browsers on this machine
osc = "127.0.0.1:9000"
"""
TABLE = """| key | value | default | |
|---|---|---|---|
"""
KEYS_HEAD = f"""```

## Keys

{TABLE}"""
CONTROLS_HEAD = f"""
## Controls

These keys can also be changed while the music plays, through the panel, OSC or MIDI.

{TABLE}"""
FOOT = f"""
The tables `[[day]]` and `[place]` give the music a day: [day.md](day.md).

This page is made from the source by `{COMMAND}`.
"""


@dataclass(frozen=True, slots=True)
class Key:
    """One setting."""

    name: str
    value: str
    """Description of the accepted values."""
    default: Any
    text: str
    """Description of the setting."""


def keys() -> tuple[Key, ...]:
    """Return all settings, the controls last."""
    texts = _texts() | {name: control.text for name, control in CONTROLS.items()}
    plain = Settings()
    return tuple(Key(name, _allowed(name), getattr(plain, name), texts[name]) for name in KEYS)


def page() -> str:
    """Return the page of documentation, in Markdown."""
    settings = [_row(key) for key in keys() if key.name not in CONTROLS]
    controls = [_row(key) for key in keys() if key.name in CONTROLS]
    return "".join((HEAD, EXAMPLE, KEYS_HEAD, *settings, CONTROLS_HEAD, *controls, FOOT))


def shown(effective: Settings) -> str:
    """Return the settings as TOML for `settings.load`; a key without a value is a comment."""
    lines = []
    for name in KEYS:
        value = _named(name, getattr(effective, name))
        lines.append(f"# {name} =" if value is None else assignment(name, value))
    tables = (("[place]", effective.place), *(("[[day]]", table) for table in effective.day))
    for header, table in tables:
        members = [assignment(key, value) for key, value in table.items()]
        lines += ["", header, *members] if members else ()
    return "\n".join(lines) + "\n"


def _named(name: str, value: Any) -> Any:
    """Return the value as people write it."""
    return AUTO if name in AUTOMATIC and value == 0 else value


def _row(key: Key) -> str:
    value = _named(key.name, key.default)
    default = "" if value is None else f"`{value_text(value)}`"
    return f"| `{key.name}` | {key.value} | {default} | {key.text} |\n"


def _allowed(name: str) -> str:
    if name in RANGES:
        low, high = RANGES[name]
        kind = "whole number" if name in WHOLE else "number"
        named = ", or a note such as `C4`" if name in PITCHES else ""
        auto = f', or `"{AUTO}"`' if name in AUTOMATIC else ""
        return f"{kind}, {low} to {high}{named}{auto}"
    if name in SWITCHES:
        return "`true` or `false`"
    if name in CHOICES:
        return ", ".join(f'`"{choice}"`' for choice in CHOICES[name])
    return "list of texts, or a text" if name in LISTS else "text"


def _texts() -> dict[str, str]:
    """Return the docstring of each field of `Settings`, which Python keeps only in the source."""
    source = Path(settings.__file__).read_text(encoding="utf-8")
    (body,) = (
        node.body
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == Settings.__name__
    )
    texts = {}
    for field, following in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            texts[field.target.id] = _docstring(following)
    return texts


def _docstring(node: ast.stmt) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return " ".join(str(node.value.value).split())
    return ""
