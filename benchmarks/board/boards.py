"""Boards, and what is published of their speed; nothing here was measured by this project."""

from __future__ import annotations

from dataclasses import dataclass

SBC_BENCH = "https://github.com/ThomasKaiser/sbc-bench/blob/master/results"


@dataclass(frozen=True, slots=True)
class Board:
    """A board with its published figures."""

    name: str
    cores: str
    emulated: str
    """The processor that stands for its own in the emulation."""
    rating: float
    """Million instructions a second of one core by `7zr b -mmt1`."""
    source: str
    """Address of the rating."""
    card: float
    """Million bytes a second that are read from a microSD card at most."""
    memory: int
    """Megabytes of the smallest model."""


BOARDS = (
    Board("Raspberry Pi Zero 2 W", "4 x A53, 1.0 GHz", "cortex-a53", 838,
          f"{SBC_BENCH}/3E85.txt", 22, 512),
    Board("Raspberry Pi 3 B", "4 x A53, 1.2 GHz", "cortex-a53", 977,
          f"{SBC_BENCH}/4hOP.txt", 22, 1024),
    Board("Raspberry Pi 4 B", "4 x A72, 1.8 GHz", "cortex-a53", 1769,
          f"{SBC_BENCH}/3OBF.txt", 40, 1024),
    Board("Raspberry Pi 5", "4 x A76, 2.4 GHz", "cortex-a76", 3196,
          f"{SBC_BENCH}/Au3jaA.txt", 80, 1024),
)  # fmt: skip
"""The A72 has the instruction set of the A53: the same kernels run, and the same instructions."""
