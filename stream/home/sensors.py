"""The entities that only tell something."""

from __future__ import annotations

from collections.abc import Iterator

from stream.home.entity import LONGEST_STATE, Entity, icon
from stream.home.state import HomeState
from stream.home.title import title


def sensors(state: HomeState, now: float, radio: str) -> Iterator[Entity]:
    """Yield what sounds, why it sounds so, and the URL of the radio, if there is one."""
    yield now_playing(state, now)
    if state.day is not None:
        why = str(state.day.get("sentence", ""))
        yield Entity("day", "sensor", icon("day"), "Day", why[:LONGEST_STATE])
    if radio:
        yield Entity("radio", "sensor", icon("radio"), "Radio", radio[:LONGEST_STATE])


def now_playing(state: HomeState, now: float) -> Entity:
    """Return the sensor of what sounds; its attributes hold each fact."""
    facts = state.facts(now)
    text = title(facts) or "silence"
    return Entity(
        "now_playing",
        "sensor",
        icon("now_playing"),
        "Now playing",
        (text if state.playing else "paused")[:LONGEST_STATE],
        attributes={**facts, "playing": state.playing},
    )
