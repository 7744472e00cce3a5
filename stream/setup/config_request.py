"""What a set-up wants of `config.txt`: whether it holds there, and what stands against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from stream.setup.config_reader import ON_THE_BOARD, Config, Fact, Kind, alike, read
from stream.setup.filters import Board, Reading

SCOPE_END = "dtoverlay="
OWN = {"audio": "vc4-kms-v3d*"}
"""Parameters of a board that some overlays have under the same name, and those overlays.

Below one of them a `dtparam` is the overlay's; below any other overlay it still is the board's.
"""


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """Lines that must hold, and what must not: overlays, parameters of them, and settings.

    Names in `conflicts` may be patterns, as in `dtoverlay=dwc2*`.
    """

    lines: tuple[str, ...]
    conflicts: tuple[str, ...]
    why: str
    source: str

    def wanted(self) -> Iterator[str]:
        """The lines that say something; the empty overlay is written where one is needed."""
        return (line for line in self.lines if line != SCOPE_END)

    def missing(self, config: Config) -> Iterator[str]:
        """The lines that do not hold, or not surely."""
        return (line for line in self.wanted() if not holds(line, config))

    def against(self, fact: Fact, config: Config) -> Reading:
        """Whether a board reads this fact, and is told by it what must not be."""
        if fact.kind is Kind.OVERLAY and any(_loads(line, fact, config) for line in self.wanted()):
            return Reading.NEVER
        return max((_meets(each, fact, config) for each in self.conflicts), default=Reading.NEVER)

    def settles(self, fact: Fact) -> bool:
        """Whether one of the lines says the last word on this fact, wherever it is put."""
        wanted = [each for line in self.wanted() for each in _facts(line)]
        return fact.kind is not Kind.OVERLAY and any(
            (each.kind, each.name) == (fact.kind, fact.name) and each.scopes <= {ON_THE_BOARD}
            for each in wanted
        )


def holds(line: str, config: Config) -> bool:
    """Whether the firmware does already what a line asks for.

    Overlays add up. Of a setting, or a parameter, the last one counts, be it one that may be.
    """
    wanted = _facts(line)
    if wanted[0].kind is Kind.OVERLAY:
        return any(_loads(line, fact, config) for fact in config.facts)
    return all(_last_is(each, config) for each in wanted)


def is_boards_parameter(line: str) -> bool:
    return _facts(line)[0].kind is Kind.PARAMETER


def is_known(parameter: str, scope: int, config: Config) -> bool:
    """Whether the overlay of a scope has a parameter that boards have too."""
    if scope == ON_THE_BOARD:
        return False
    return fnmatchcase(config.facts[scope].name, OWN.get(parameter, ""))


def _facts(line: str) -> list[Fact]:
    return read({"": line}, "", Board(())).facts


def _last_is(wanted: Fact, config: Config) -> bool:
    """Of a setting, or of a parameter of the board."""
    last = False
    for fact in config.facts:
        if (fact.kind, fact.name) != (wanted.kind, wanted.name) or fact.is_on_an_overlays_line:
            continue
        same = alike(fact.value, wanted.value)
        if same and fact.line.reading is Reading.SURELY and fact.scopes <= {ON_THE_BOARD}:
            last = True
        elif not same:
            last = False
    return last


def _loads(line: str, overlay: Fact, config: Config) -> bool:
    """Whether a fact surely loads the overlay of a line, and with its parameters."""
    wanted, *parameters = _facts(line)
    if overlay.kind is not Kind.OVERLAY or overlay.line.reading is not Reading.SURELY:
        return False
    return (
        wanted.kind is Kind.OVERLAY
        and config.board.overlay(overlay.name) == config.board.overlay(wanted.name)
        and all(_is_given(each, overlay.place, config) for each in parameters)
    )


def _is_given(wanted: Fact, overlay: int, config: Config) -> bool:
    given = False
    for fact in config.facts:
        if fact.kind is Kind.PARAMETER and fact.name == wanted.name and overlay in fact.scopes:
            same = alike(fact.value, wanted.value)
            surely = fact.line.reading is Reading.SURELY and fact.scopes == {overlay}
            given = same and (given or surely)
    return given


def _meets(conflict: str, fact: Fact, config: Config) -> Reading:
    """Whether a fact is what a conflict describes."""
    *overlays, described = _facts(conflict)
    if fact.kind is not described.kind or not fnmatchcase(fact.name, described.name):
        return Reading.NEVER
    if fact.kind is not Kind.OVERLAY and not alike(fact.value, described.value):
        return Reading.NEVER
    if fact.kind is not Kind.PARAMETER:
        return fact.line.reading
    pattern = overlays[0].name if overlays else ""
    there = [_goes_to(scope, pattern, fact, config) for scope in fact.scopes]
    if all(there):
        return fact.line.reading
    return min(fact.line.reading, Reading.MAYBE) if any(there) else Reading.NEVER


def _goes_to(scope: int, pattern: str, fact: Fact, config: Config) -> bool:
    """Whether a parameter is that of an overlay; without a pattern, that of the board."""
    if scope == ON_THE_BOARD:
        return not pattern
    name = config.facts[scope].name
    if pattern:
        return fnmatchcase(name, pattern)
    return not fact.is_on_an_overlays_line and not is_known(fact.name, scope, config)
