"""Sliders of the controls, written into the page where it has a comment for a group of them."""

from __future__ import annotations

import re
from html import escape

from stream.music.control_row import AUTO, Control, Slider
from stream.music.controls import CONTROLS
from stream.music.tune_facts import DEFAULT_BPM
from stream.util.validate import numeral

PLACEHOLDER = re.compile(r"<!-- sliders: (\w+) -->")
"""Comment in the page that stands for a group of sliders."""
BARE = frozenset({"range", "tempo"})
"""Groups of two sliders that share one label and one track."""


def with_sliders(page: str) -> str:
    """Return the page with the sliders of each group in place of the group's comment."""
    return PLACEHOLDER.sub(lambda found: _group(found[1]), page)


def _group(group: str) -> str:
    members = [
        (name, control, control.slider)
        for name, control in CONTROLS.items()
        if control.slider and control.slider.group == group
    ]
    if group in BARE:
        return "".join(
            _input(name, control, slider, f' aria-label="{escape(slider.label)}"')
            for name, control, slider in members
        )
    return "\n".join(_labeled(name, control, slider) for name, control, slider in members)


def _labeled(name: str, control: Control, slider: Slider) -> str:
    """Return a slider with a label and the text of its value."""
    value = f'<output for="{name}"></output>'
    if control.automatic:
        title = f'title="{escape(slider.label)} of each tune"'
        button = f'<button type="button" class="auto" data-auto="{name}" {title}>{AUTO}</button>'
        value = f'<span class="value">{button}{value}</span>'
    return (
        f'<div class="slider"><label for="{name}">{escape(slider.label)}</label>'
        f"{value}{_input(name, control, slider)}</div>"
    )


def _input(name: str, control: Control, slider: Slider, attributes: str = "") -> str:
    low, high = control.bounds or (0, 1)
    # The track of a slider with values of both signs is filled from 0, else from the left.
    middle = " data-middle" if low < 0 < high else ""
    default = DEFAULT_BPM if control.automatic else float(control.default)
    return (
        f'<input id="{name}" data-control="{name}"{middle}{attributes} type="range"'
        f' min="{numeral(low)}" max="{numeral(high)}" step="{numeral(slider.step)}"'
        f' value="{numeral(default)}">'
    )
