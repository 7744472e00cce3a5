"""Frames of the live view. Pure: a scene and a size become lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.play.view import palette, pianoroll
from stream.play.view.footer import footer
from stream.play.view.help_page import help_page
from stream.play.view.keys import HELP
from stream.play.view.palette import BAD, FAINT, STRONG
from stream.play.view.text_line import Run, dots, line, marked, plain

if TYPE_CHECKING:
    from stream.music.note import Phrase
    from stream.play.observer import Slot
    from stream.play.stats import Stats
    from stream.play.view.scene import Scene
    from stream.play.view.screen_diff import Lines

SMALLEST = (40, 12)
"""Smallest width and height in characters; a smaller terminal shows only one line of text."""
ROWS_WITH_DRUMS = 24
"""Rows of dots from which drums have rows of their own."""
DRUM_NAMES = ("cym", "hat", "drm")
"""Names of the lines of drums: cymbals, hi-hat and toms, snare and kick drum."""
_LABEL = 4
"""Characters to the left of the keyboard, for the names of the Cs."""
_BRAND = "perpetuum"
_PLAYHEAD = Run("▎", palette.PLAYHEAD)


def frame(scene: Scene, width: int, height: int) -> Lines:
    """Return `height` lines of `width` characters each."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        lines = [line([Run(f" {summary(scene.snapshot.stats)}")], [], width)]
    else:
        below = footer(scene, width, height)
        draw = help_page if HELP in scene.unfolded else _pianoroll
        lines = [_header(scene, width), line([], [], width)]
        lines += [*draw(scene, width, height - len(below) - 2), *below]
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
    if scene.snapshot.paused_at is not None:
        position.append(Run("  paused", BAD))
    elif scene.snapshot.current.repeat:
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
