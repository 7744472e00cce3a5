"""The lines below the piano roll: what is composed, where it sounds, and the keys."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from stream.play.view import palette
from stream.play.view.keys import DETAILS, LEAST_FIRST, PAUSE
from stream.play.view.palette import BAD, FAINT, GOOD, STRONG
from stream.play.view.text_line import Run, line, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.music.verdict import Rule, Verdict
    from stream.play.observer import Slot
    from stream.play.stats import Stats
    from stream.play.view.scene import Scene

FULL_QUEUE_SECONDS = 8.0
TALL = 16
"""Lines of a terminal from which details and the addresses of services have room."""
SILENT = ("null", "file:", "wav:")
"""Beginnings of the names of outputs that make no sound."""
_PANEL = "panel"
_MARGIN = 11
"""Width of the names at the left of each line."""


def footer(scene: Scene, width: int, height: int) -> list[list[Run]]:
    """Return the lines below the roll, the last notice included."""
    lines = [_composed(scene, width)]
    if height >= TALL and DETAILS in scene.unfolded:
        lines += [_rules(scene.snapshot.current, width), _counters(scene.snapshot.stats, width)]
    lines.append(line([_name("plays to"), *_outputs(scene)], [], width))
    if height >= TALL:
        for name, address in scene.addresses:
            lines += _address(name, address, width)
    return [*lines, _keys(scene, width), line([Run(f" {plain(scene.notice)}")], [], width)]


def _address(name: str, address: str, width: int) -> list[list[Run]]:
    """Return as many lines as an address and what is said about it need."""
    parts = textwrap.wrap(plain(address), width - _MARGIN)
    names = [name, *[""] * len(parts)]
    return [
        line([_name(title), Run(part, STRONG)], [], width)
        for title, part in zip(names, parts, strict=False)
    ]


def _name(name: str) -> Run:
    return Run(f" {name:<{_MARGIN - 1}}", FAINT)


def _composed(scene: Scene, width: int) -> list[Run]:
    """Return how much music is composed, why this phrase plays, and troubles if there were any."""
    stats, current = scene.snapshot.stats, scene.snapshot.current
    fill = min(stats.queue_seconds / FULL_QUEUE_SECONDS, 1.0)
    gauge = 8 if width < 100 else 14
    filled = round(gauge * fill)
    runs = [_name("composed"), Run("━" * filled, GOOD if fill > 0.25 else BAD)]
    runs += [Run("─" * (gauge - filled), FAINT), Run(f" {stats.queue_seconds:4.1f} s ahead   ")]
    troubles = [
        f"{count:,} {name}{'' if count == 1 else 's'}"
        for name, count in (
            ("late note", stats.late),
            ("phrase repeated, the composer was late", stats.repeats),
            ("restart", stats.restarts),
            ("stall", stats.stalls),
        )
        if count
    ]
    reason = Run("" if current is None else f"{choice(current.phrase.verdict)}   ", FAINT)
    return line([*runs, reason, Run(", ".join(troubles), BAD)], [], width)


def choice(verdict: Verdict) -> str:
    """Return in plain words how the phrase that plays was chosen."""
    if verdict.candidates == 0:
        return "heard before in this tune"
    if verdict.candidates == 1:
        if not verdict.rules:
            return ""
        return "fits the style" if verdict.passed else "close to the style"
    if verdict.accepted == 0:
        return f"the closest of {verdict.candidates} melodies; none fits the style"
    fits = "fits" if verdict.accepted == 1 else "fit"
    return f"chosen from {verdict.candidates} melodies; {verdict.accepted} {fits} the style"


def _rules(slot: Slot | None, width: int) -> list[Run]:
    """Return the results of the filter's rules for the phrase that plays."""
    rules = slot.phrase.verdict.rules if slot else ()
    return _fields("rules", [_rule(rule) for rule in rules], width)


def _rule(rule: Rule) -> list[Run]:
    mark = Run("✓ ", GOOD) if rule.passed else Run("✗ ", BAD)
    return [mark, Run(f"{plain(rule.name.replace('_', ' '))} ", FAINT), Run(f"{rule.value:.2f}   ")]


def _counters(stats: Stats, width: int) -> list[Run]:
    counters = (
        ("accepted", f"{stats.accepted:,} of {stats.composed:,} melodies"),
        ("late", f"{stats.late:,} of {stats.notes:,} notes"),
        ("repeats", f"{stats.repeats:,}"),
        ("restarts", f"{stats.restarts:,}"),
        ("stalls", f"{stats.stalls:,}"),
    )
    fields = [[Run(f"{name} ", FAINT), Run(f"{value}   ")] for name, value in counters]
    return _fields("counters", fields, width)


def _fields(name: str, fields: list[list[Run]], width: int) -> list[Run]:
    """Return a line with as many fields as have room."""
    runs, room = [_name(name)], width - _MARGIN
    for field in fields:
        room -= sum(len(run.text) for run in field)
        if room < 0:
            break
        runs += field
    return line(runs, [], width)


def _outputs(scene: Scene) -> Iterator[Run]:
    """Yield the outputs, and how to hear the music if they make no sound."""
    sinks = scene.snapshot.sinks
    yield Run(plain(" · ".join(sinks)) or "nothing")
    if all(name.startswith(SILENT) for name in sinks):
        has_panel = any(name == _PANEL for name, _ in scene.addresses)
        hint = (
            "open the panel and tap Listen"
            if has_panel
            else "restart with --panel, and tap Listen there"
        )
        yield Run(f"   to hear it, {hint}", STRONG)


def _keys(scene: Scene, width: int) -> list[Run]:
    """Return the names of the keys, as many as have room."""
    if not scene.keys:
        return line([Run(" Ctrl-C ends", FAINT)], [], width)
    shown = [*scene.keys]
    words = {key: key.word for key in shown}
    if scene.snapshot.paused_at is not None:
        words[PAUSE] = "play"
    for dropped in LEAST_FIRST:
        if 1 + sum(len(key.name) + len(words[key]) + 4 for key in shown) <= width + 3:
            break
        shown = [key for key in shown if key is not dropped]
    runs = [Run(" ")]
    for key in shown:
        runs += [Run(key.name, palette.STRONG), Run(f" {words[key]}   ", FAINT)]
    return line(runs, [], width)
