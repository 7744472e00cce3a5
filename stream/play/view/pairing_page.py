"""The page of the live view with the QR code that pairs a phone with the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.play.view.palette import STRONG
from stream.play.view.text_line import Run, line

if TYPE_CHECKING:
    from stream.play.view.scene import Scene

TOO_SMALL = "This window is too small for the QR code; 'perpetuum pairs add' shows one elsewhere."


def pairing_page(scene: Scene, width: int, height: int) -> list[list[Run]]:
    """Return `height` lines with the code in the middle, or with what to do without room."""
    empty = line([], [], width)
    rows = scene.qr_code
    if len(rows) > height or any(len(row) > width for row in rows):
        lines = [line([Run(f" {TOO_SMALL}")], [], width)]
    else:
        indent = (width - len(rows[0])) // 2 if rows else 0
        code = [line([Run(" " * indent), Run(row, STRONG)], [], width) for row in rows]
        lines = [*[empty] * ((height - len(rows)) // 2), *code]
    return [*lines, *[empty] * height][:height]
