"""Frames of the live view. Pure: a scene and a size become lines of text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stream.play.view import palette, pianoroll
from stream.play.view.palette import BAD, FAINT, GOOD, STRONG
from stream.play.view.part_notes import NoteCache
from stream.play.view.text_line import Run, dots, line, marked, plain

if TYPE_CHECKING:
    from stream.music.note import Phrase
    from stream.music.verdict import Rule
    from stream.play.observer import Slot, Snapshot
    from stream.play.stats import Stats
    from stream.play.view.screen_diff import Lines

SMALLEST = (40, 12)
"""Smallest width and height in characters; a smaller terminal shows only one line of text."""
FULL_QUEUE_SECONDS = 8.0
ROWS_WITH_DRUMS = 24
"""Rows of dots from which drums have rows of their own."""
DRUM_NAMES = ("cym", "hat", "drm")
"""Names of the lines of drums: cymbals, hi-hat and toms, snare and kick drum."""
_LABEL = 4
"""Characters to the left of the keyboard, for the names of the Cs."""
_BRAND = "perpetuum"
_PLAYHEAD = Run("▎", palette.PLAYHEAD)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a frame shows."""

    snapshot: Snapshot
    past: tuple[Slot, ...] = ()
    """Slots that have been played, oldest first."""
    notice: str = ""
    """The last notice for the listener."""
    cache: NoteCache = field(default_factory=NoteCache)

    def slots(self) -> tuple[Slot, ...]:
        """Return past, current and coming slots in the order of time."""
        current = () if self.snapshot.current is None else (self.snapshot.current,)
        by_start = {slot.start: slot for slot in (*self.past, *current, *self.snapshot.upcoming)}
        return tuple(by_start[start] for start in sorted(by_start))


def frame(scene: Scene, width: int, height: int) -> Lines:
    """Return `height` lines of `width` characters each."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        lines = [line([Run(f" {summary(scene.snapshot.stats)}")], [], width)]
    else:
        footer = _footer(scene, width, height)
        lines = [_header(scene, width), line([], [], width)]
        lines += [*_pianoroll(scene, width, height - len(footer) - 3), *footer]
        lines.append(line([Run(f" {plain(scene.notice)}")], [], width))
    lines += [line([], [], width)] * (height - len(lines))
    return lines[:height]


def summary(stats: Stats) -> str:
    """Return a summary of a performance in one line."""
    return (
        f"{_counted(stats.notes, 'note')} in {_counted(stats.phrases, 'phrase')} "
        f"of {_counted(stats.tunes, 'tune')}, {stats.late} late"
    )


def _counted(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def _header(scene: Scene, width: int) -> list[Run]:
    brand = [Run(letter, palette.note_color(7 * index, 12)) for index, letter in enumerate(_BRAND)]
    if scene.snapshot.current is None:
        return line([Run(" "), *brand], [Run("composing the first phrase ", FAINT)], width)
    phrase = scene.snapshot.current.phrase
    position = [Run("   tune ", FAINT), Run(f"{phrase.tune + 1}", STRONG)]
    position += [Run("  phrase ", FAINT), Run(f"{phrase.index + 1}", STRONG)]
    if scene.snapshot.current.repeat:
        position.append(Run(" again", BAD))
    left = [Run(" "), *brand, *position]
    room = width - 4 - sum(len(run.text) for run in left)
    return line(left, _what_plays(phrase, room), width)


def _what_plays(phrase: Phrase, room: int) -> list[Run]:
    """Return voice, style, title of the tune and tempo, or as much as has room."""
    style = Run(plain(phrase.style.replace(",", " + ").replace(":", " ")), STRONG)
    tempo = [Run(f"  {phrase.bpm:.0f}", STRONG), Run(" bpm ", FAINT)]
    title = [Run(f"  {plain(phrase.title)}")] if phrase.title else []
    voice = Run(f"{plain(phrase.voice)}  ", FAINT)
    choices = ([voice, style, *title, *tempo], [style, *title, *tempo], [voice, style, *tempo])
    fits = (runs for runs in choices if sum(len(run.text) for run in runs) <= room)
    return next(fits, [style, *tempo])


def _pianoroll(scene: Scene, width: int, height: int) -> list[list[Run]]:
    """Return the piano roll, and below it a line with the names of the phrases."""
    now, current = scene.snapshot.playhead, scene.snapshot.current
    if current is None:
        return [line([], [], width)] * height
    slots, rows = scene.slots(), 2 * (height - 1)
    notes = scene.cache.notes(slots)
    has_strip = rows >= ROWS_WITH_DRUMS and any(each.has_drums for each in notes)
    rows -= pianoroll.LANES if has_strip else 0
    lens = pianoroll.fit(notes, rows)
    columns = width - _LABEL - pianoroll.KEY_DOTS
    ruler = pianoroll.ruler(current, now, columns)
    page = pianoroll.Page(slots, notes, now, ruler)
    picture = pianoroll.paint(page, lens, rows)
    lines = [
        [
            _label([*lens.pitches(row), *lens.pitches(row + 1)]),
            *dots(picture[row], picture[row + 1]),
        ]
        for row in range(0, rows, 2)
    ]
    if has_strip:
        lines += _drums(pianoroll.paint_drums(page))
    playhead = _LABEL + pianoroll.KEY_DOTS + min(max(ruler.column(now), 0), columns - 1)
    lines = [marked(runs, playhead, _PLAYHEAD) for runs in lines]
    return [*lines, _phrase_names(slots, ruler, width)]


def _drums(picture: list[bytes]) -> list[list[Run]]:
    """Return the lines of the drums, two kinds of drums in each."""
    return [
        [Run(f"{name:>{_LABEL - 1}} ", FAINT), *dots(upper, lower)]
        for name, upper, lower in zip(DRUM_NAMES, picture[::2], picture[1::2], strict=True)
    ]


def _label(pitches: list[int]) -> Run:
    """Return the name of the C among `pitches`, if there is one; middle C is C4."""
    names = [f"C{pitch // 12 - 1}" for pitch in pitches if pitch % 12 == 0]
    return Run(f"{names[0] if names else '':>{_LABEL - 1}} ", FAINT)


def _phrase_names(slots: tuple[Slot, ...], ruler: pianoroll.Ruler, width: int) -> list[Run]:
    """Return a line with each phrase's number, or its tune, below its first bar line."""
    runs = [Run(" " * (_LABEL + pianoroll.KEY_DOTS))]
    column, tune = 0, None
    for slot in slots:
        begins = slot.phrase.tune != tune and tune is not None
        tune = slot.phrase.tune
        at = ruler.column(slot.start)
        text = _tune_name(slot.phrase) if begins else f"{slot.phrase.index + 1} "
        if column <= at and at + len(text) <= ruler.width:
            runs += [Run(" " * (at - column)), Run(text, STRONG if begins else FAINT)]
            column = at + len(text)
    return line(runs, [], width)


def _tune_name(phrase: Phrase) -> str:
    title = f": {phrase.title}" if phrase.title else ""
    return f"♪ tune {phrase.tune + 1} {plain(phrase.style + title)} "


def _footer(scene: Scene, width: int, height: int) -> list[list[Run]]:
    snapshot = scene.snapshot
    lines = [_counters(snapshot.stats, width)]
    if height >= 16 and snapshot.current is not None and snapshot.current.phrase.verdict.rules:
        lines.append(_verdict(snapshot.current.phrase, width))
    outputs = [Run(" plays to  ", FAINT), Run(plain(" · ".join(snapshot.sinks)) or "nothing")]
    lines.append(line(outputs, [Run("Ctrl-C ends ", FAINT)], width))
    return lines


def _counters(stats: Stats, width: int) -> list[Run]:
    fill = min(stats.queue_seconds / FULL_QUEUE_SECONDS, 1.0)
    gauge = 8 if width < 72 else 14
    filled = round(gauge * fill)
    queue = [Run(" queue     ", FAINT), Run("━" * filled, GOOD if fill > 0.25 else BAD)]
    queue += [Run("─" * (gauge - filled), FAINT), Run(f" {stats.queue_seconds:4.1f} s")]
    fields = [("accepted", f"{stats.accepted:,} of {stats.composed:,}", palette.TEXT)]
    fields.append(("late", f"{stats.late:,} of {stats.notes:,}", BAD if stats.late else GOOD))
    troubles = {name: getattr(stats, name) for name in ("repeats", "restarts", "stalls")}
    fields += [(name, f"{count:,}", BAD) for name, count in troubles.items() if count]
    for name, value, ink in fields:
        queue += [Run(f"   {name} ", FAINT), Run(value, ink)]
    return line(queue, [], width)


def _verdict(phrase: Phrase, width: int) -> list[Run]:
    """Return why this phrase was chosen: each rule of the filter, and whether it passed."""
    runs, room = [Run(" chosen    ", FAINT)], width - 11
    for rule in phrase.verdict.rules:
        added = _rule(rule)
        room -= sum(len(run.text) for run in added)
        if room < 0:
            break
        runs += added
    return line(runs, [], width)


def _rule(rule: Rule) -> list[Run]:
    mark = Run("✓ ", GOOD) if rule.passed else Run("✗ ", BAD)
    return [mark, Run(f"{plain(rule.name.replace('_', ' '))} ", FAINT), Run(f"{rule.value:.2f}   ")]
