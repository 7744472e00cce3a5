"""Requests of a set-up to `config.txt`: test whether they hold, and find conflicting lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from stream.setup.config_reader import ON_THE_BOARD, Config, Fact, Kind, read, same_value
from stream.setup.filters import Board, Reading

SCOPE_END = "dtoverlay="
SHARED = {"audio": "vc4-kms-v3d*"}
"""Parameters of a board whose names some overlays share, and those overlays.

Below such an overlay a `dtparam` belongs to it; below any other overlay it belongs to the board.
"""


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """Requested lines, and conflicting overlays, parameters of overlays and settings.

    Names in `conflicts` may be patterns, as in `dtoverlay=dwc2*`.
    """

    lines: tuple[str, ...]
    conflicts: tuple[str, ...]
    why: str
    source: str

    def requested(self) -> Iterator[str]:
        """Yield the lines without the empty overlay, which is written only if needed."""
        return (line for line in self.lines if line != SCOPE_END)

    def missing(self, config: Config) -> Iterator[str]:
        """Yield the lines that do not surely hold."""
        return (line for line in self.requested() if not holds(line, config))

    def conflict(self, fact: Fact, config: Config) -> Reading:
        """Return how surely a board reads a fact that conflicts with the request."""
        if fact.kind is Kind.OVERLAY and any(
            _loads(line, fact, config) for line in self.requested()
        ):
            return Reading.NEVER
        return max(
            (_conflict(each, fact, config) for each in self.conflicts), default=Reading.NEVER
        )

    def overrides(self, fact: Fact) -> bool:
        """Return True if one of the lines overrides this fact, wherever it is written."""
        requested = [each for line in self.requested() for each in _facts(line)]
        return fact.kind is not Kind.OVERLAY and any(
            (each.kind, each.name) == (fact.kind, fact.name) and each.scopes <= {ON_THE_BOARD}
            for each in requested
        )


def holds(line: str, config: Config) -> bool:
    """Return True if the firmware already does what a line requests.

    Overlays add up. The last statement of a setting or a parameter counts, even an unsure one.
    """
    requested = _facts(line)
    if requested[0].kind is Kind.OVERLAY:
        return any(_loads(line, fact, config) for fact in config.facts)
    return all(_is_last(each, config) for each in requested)


def is_boards_parameter(line: str) -> bool:
    return _facts(line)[0].kind is Kind.PARAMETER


def is_known(parameter: str, scope: int, config: Config) -> bool:
    """Return True if the overlay of a scope has a parameter of the same name as the board."""
    if scope == ON_THE_BOARD:
        return False
    return fnmatchcase(config.facts[scope].name, SHARED.get(parameter, ""))


def _facts(line: str) -> list[Fact]:
    return read({"": line}, "", Board(())).facts


def _is_last(requested: Fact, config: Config) -> bool:
    """Return True if a setting, or a parameter of the board, surely has the requested value."""
    last = False
    for fact in config.facts:
        if (fact.kind, fact.name) != (
            requested.kind,
            requested.name,
        ) or fact.is_on_an_overlays_line:
            continue
        same = same_value(fact.value, requested.value)
        if same and fact.line.reading is Reading.SURELY and fact.scopes <= {ON_THE_BOARD}:
            last = True
        elif not same:
            last = False
    return last


def _loads(line: str, overlay: Fact, config: Config) -> bool:
    """Return True if a fact surely loads the overlay of a line with its parameters."""
    requested, *parameters = _facts(line)
    if overlay.kind is not Kind.OVERLAY or overlay.line.reading is not Reading.SURELY:
        return False
    return (
        requested.kind is Kind.OVERLAY
        and config.board.overlay(overlay.name) == config.board.overlay(requested.name)
        and all(_is_given(each, overlay.place, config) for each in parameters)
    )


def _is_given(requested: Fact, overlay: int, config: Config) -> bool:
    given = False
    for fact in config.facts:
        if fact.kind is Kind.PARAMETER and fact.name == requested.name and overlay in fact.scopes:
            same = same_value(fact.value, requested.value)
            surely = fact.line.reading is Reading.SURELY and fact.scopes == {overlay}
            given = same and (given or surely)
    return given


def _conflict(conflict: str, fact: Fact, config: Config) -> Reading:
    """Return how surely a board reads a fact that a conflict describes."""
    *overlays, described = _facts(conflict)
    if fact.kind is not described.kind or not fnmatchcase(fact.name, described.name):
        return Reading.NEVER
    if fact.kind is not Kind.OVERLAY and not same_value(fact.value, described.value):
        return Reading.NEVER
    if fact.kind is not Kind.PARAMETER:
        return fact.line.reading
    pattern = overlays[0].name if overlays else ""
    owned = [_belongs_to(scope, pattern, fact, config) for scope in fact.scopes]
    if all(owned):
        return fact.line.reading
    return min(fact.line.reading, Reading.MAYBE) if any(owned) else Reading.NEVER


def _belongs_to(scope: int, pattern: str, fact: Fact, config: Config) -> bool:
    """Return True if a parameter belongs to the overlay `pattern`; without one, to the board."""
    if scope == ON_THE_BOARD:
        return not pattern
    name = config.facts[scope].name
    if pattern:
        return fnmatchcase(name, pattern)
    return not fact.is_on_an_overlays_line and not is_known(fact.name, scope, config)
