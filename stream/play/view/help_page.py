"""The help of the live view: its keys, and how the picture is to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.music.part import ROLES
from stream.play.view import palette
from stream.play.view.palette import FAINT, STRONG
from stream.play.view.text_line import Run, line

if TYPE_CHECKING:
    from stream.play.view.scene import Scene

PICTURE = (
    "The page is read from left to right, and turned when a phrase begins.",
    "The bright line is now. What is right of it is composed already.",
    "Notes light up while they sound. The Cs are named at the keyboard.",
)
ALONE = "Colors follow the circle of fifths: related notes have related colors."
_BRIGHT = 11.0


def help_page(scene: Scene, width: int, height: int) -> list[list[Run]]:
    """Return `height` lines about the keys and the picture."""
    keys = [
        line([Run(f"   {key.name:<8}", STRONG), Run(key.text)], [], width) for key in scene.keys
    ]
    if not keys:
        keys = [line([Run("   Ctrl-C  ", STRONG), Run("end the music, and leave")], [], width)]
    else:
        keys.append(line([Run("   Ctrl-Z  ", STRONG), Run("stop; fg goes on")], [], width))
    slot = scene.snapshot.current
    parts = slot.ensemble.parts.values() if slot and slot.ensemble else ()
    roles = {part.role for part in parts}
    if len(roles) > 1:
        colors = [
            Run("   Colors: "),
            *(
                Run(f"{role}  ", palette.part_color(role, _BRIGHT))
                for role in ROLES
                if role in roles
            ),
        ]
    else:
        colors = [Run(f"   {ALONE}")]
    picture = [line([Run(f"   {text}")], [], width) for text in PICTURE]
    title = [line([Run(f" {text}", FAINT)], [], width) for text in ("Keys", "Picture")]
    empty = line([], [], width)
    lines = [title[0], *keys, empty, title[1], *picture, line(colors, [], width)]
    return [*lines, *[empty] * height][:height]
