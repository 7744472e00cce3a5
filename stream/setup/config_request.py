"""Requests of a set-up to `config.txt`: test whether they hold, and find conflicting lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from stream.setup.config_reader import ON_THE_BOARD, Config, Kind, Statement, read, same_value
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

    def conflict(self, statement: Statement, config: Config) -> Reading:
        """Return how surely a board reads a statement that conflicts with the request."""
        if statement.kind is Kind.OVERLAY and any(
            _loads(line, statement, config) for line in self.requested()
        ):
            return Reading.NEVER
        return max(
            (_conflict(each, statement, config) for each in self.conflicts), default=Reading.NEVER
        )

    def overrides(self, statement: Statement) -> bool:
        """Return True if one of the lines overrides this statement, wherever it is written."""
        requested = [each for line in self.requested() for each in _statements(line)]
        return statement.kind is not Kind.OVERLAY and any(
            (each.kind, each.name) == (statement.kind, statement.name)
            and each.scopes <= {ON_THE_BOARD}
            for each in requested
        )


def holds(line: str, config: Config) -> bool:
    """Return True if the firmware already does what a line requests.

    Overlays add up. The last statement of a setting or a parameter counts, even an unsure one.
    """
    requested = _statements(line)
    if requested[0].kind is Kind.OVERLAY:
        return any(_loads(line, statement, config) for statement in config.statements)
    return all(_is_last(each, config) for each in requested)


def is_boards_parameter(line: str) -> bool:
    return _statements(line)[0].kind is Kind.PARAMETER


def is_known(parameter: str, scope: int, config: Config) -> bool:
    """Return True if the overlay of a scope has a parameter of the same name as the board."""
    if scope == ON_THE_BOARD:
        return False
    return fnmatchcase(config.statements[scope].name, SHARED.get(parameter, ""))


def _statements(line: str) -> list[Statement]:
    return read({"": line}, "", Board(())).statements


def _is_last(requested: Statement, config: Config) -> bool:
    """Return True if a setting, or a parameter of the board, surely has the requested value."""
    last = False
    for statement in config.statements:
        if (statement.kind, statement.name) != (
            requested.kind,
            requested.name,
        ) or statement.is_on_an_overlays_line:
            continue
        same = same_value(statement.value, requested.value)
        if same and statement.line.reading is Reading.SURELY and statement.scopes <= {ON_THE_BOARD}:
            last = True
        elif not same:
            last = False
    return last


def _loads(line: str, overlay: Statement, config: Config) -> bool:
    """Return True if a statement surely loads the overlay of a line with its parameters."""
    requested, *parameters = _statements(line)
    if overlay.kind is not Kind.OVERLAY or overlay.line.reading is not Reading.SURELY:
        return False
    return (
        requested.kind is Kind.OVERLAY
        and config.board.overlay(overlay.name) == config.board.overlay(requested.name)
        and all(_is_given(each, overlay.index, config) for each in parameters)
    )


def _is_given(requested: Statement, overlay: int, config: Config) -> bool:
    given = False
    for statement in config.statements:
        if (
            statement.kind is Kind.PARAMETER
            and statement.name == requested.name
            and overlay in statement.scopes
        ):
            same = same_value(statement.value, requested.value)
            surely = statement.line.reading is Reading.SURELY and statement.scopes == {overlay}
            given = same and (given or surely)
    return given


def _conflict(conflict: str, statement: Statement, config: Config) -> Reading:
    """Return how surely a board reads a statement that a conflict describes."""
    *overlays, described = _statements(conflict)
    if statement.kind is not described.kind or not fnmatchcase(statement.name, described.name):
        return Reading.NEVER
    if statement.kind is not Kind.OVERLAY and not same_value(statement.value, described.value):
        return Reading.NEVER
    if statement.kind is not Kind.PARAMETER:
        return statement.line.reading
    pattern = overlays[0].name if overlays else ""
    owned = [_belongs_to(scope, pattern, statement, config) for scope in statement.scopes]
    if all(owned):
        return statement.line.reading
    return min(statement.line.reading, Reading.MAYBE) if any(owned) else Reading.NEVER


def _belongs_to(scope: int, pattern: str, statement: Statement, config: Config) -> bool:
    """Return True if a parameter belongs to the overlay `pattern`; without one, to the board."""
    if scope == ON_THE_BOARD:
        return not pattern
    name = config.statements[scope].name
    if pattern:
        return fnmatchcase(name, pattern)
    return not statement.is_on_an_overlays_line and not is_known(statement.name, scope, config)
