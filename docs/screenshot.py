"""Draw docs/live-view.png: the live view as a terminal shows it.

The script runs the real program on a pseudo-terminal, lets it play for some seconds into an
emulated screen, and draws that screen. Another program can be given after `--`.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

import numpy as np
import pyte
from matplotlib.figure import Figure

WIDTH, HEIGHT = 108, 30
"""Size of the screen in characters."""
CELL = 18
"""Width of a character, and half its height, in pixels."""
BLOCKS = {"▀": (1, 1), "▏": (1 / 8, 2), "▎": (1 / 4, 2)}
"""Width and height, in `CELL`s, of the characters that are drawn as areas."""
FRAME_END = b"\x1b[?2026l"
PROGRAM = [
    sys.executable,
    "-m",
    "stream",
    "play",
    "--style",
    "jazz",
    "--seed",
    "7",
    "--out",
    "file:stream.mid",
    "--panel",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=55.0, help="seconds of music before the picture"
    )
    parser.add_argument("--to", type=Path, default=Path(__file__).with_name("live-view.png"))
    parser.add_argument("program", nargs="*", default=PROGRAM)
    arguments = parser.parse_args()
    screen = watch(arguments.program, arguments.seconds)
    draw(screen, arguments.to)
    print(arguments.to)


def watch(program: list[str], seconds: float) -> pyte.Screen:
    """Run the program for `seconds`, interrupt it as Ctrl-C does, and return the screen."""
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.ByteStream(screen)
    child, terminal = pty.fork()
    if child == 0:
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        environment["BROWSER"] = "true"  # the panel is only named
        environment.pop("NO_COLOR", None)
        os.chdir(tempfile.mkdtemp())
        os.execvpe(program[0], program, environment)  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    end, chunk = time.monotonic() + seconds, b""
    while time.monotonic() < end or not chunk.endswith(FRAME_END):
        if select.select([terminal], [], [], max(end - time.monotonic(), 0.1))[0]:
            chunk = os.read(terminal, 65536)
            stream.feed(chunk)
    os.kill(child, signal.SIGINT)
    drain(terminal)
    os.waitpid(child, 0)
    return screen


def drain(terminal: int) -> None:
    """Read until the program has ended, so that it never waits for a reader."""
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        os.close(terminal)


def draw(screen: pyte.Screen, path: Path) -> None:
    """Write the screen as PNG: half blocks as squares, everything else as text."""
    pixels = np.zeros((2 * HEIGHT * CELL, WIDTH * CELL, 3), np.uint8)
    figure = Figure(figsize=(WIDTH * CELL / 100, 2 * HEIGHT * CELL / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    for row in range(HEIGHT):
        for column in range(WIDTH):
            cell = screen.buffer[row][column]
            background, foreground = rgb(cell.bg, (0, 0, 0)), rgb(cell.fg, (200, 200, 200))
            top, left = 2 * row * CELL, column * CELL
            pixels[top : top + 2 * CELL, left : left + CELL] = background
            if cell.data in BLOCKS:
                width, height = BLOCKS[cell.data]
                pixels[top : top + int(CELL * height), left : left + int(CELL * width)] = foreground
            elif cell.data != " ":
                # A character of DejaVu Sans Mono is 0.602 em wide; a point is 100/72 pixels.
                axes.text(
                    *(column, 2 * row + 1, cell.data),
                    color=[part / 255 for part in foreground],
                    fontfamily="DejaVu Sans Mono",
                    fontsize=CELL / 0.602 * 72 / 100,
                    va="center_baseline",
                )
    axes.imshow(pixels, extent=(0, WIDTH, 2 * HEIGHT, 0), interpolation="nearest", aspect="auto")
    figure.savefig(path, dpi=100, pil_kwargs={"optimize": True})


def rgb(name: str, default: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the color of a pyte cell: six hexadecimal digits, or `default`."""
    if name == "default":
        return default
    return int(name[:2], 16), int(name[2:4], 16), int(name[4:], 16)


if __name__ == "__main__":
    main()
