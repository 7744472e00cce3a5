"""The supervisor of a child process, as a table of states and events, and by its invariants."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.play.child_supervisor import RUNNING, ChildState, ChildSupervisor, RestartPolicy

STARTING, READY, BUSY = ChildState.STARTING, ChildState.READY, ChildState.BUSY
WAITING, CLOSED = ChildState.WAITING_TO_RESTART, ChildState.CLOSED
NOW = 100.0
EVENTS = {
    "started": lambda supervisor, now: supervisor.started(now, 5.0),
    "started for good": lambda supervisor, now: supervisor.started(now),
    "not started": lambda supervisor, now: supervisor.not_started(now),
    "ready": lambda supervisor, now: supervisor.ready(now),
    "asked": lambda supervisor, now: supervisor.requested(now, 2.0),
    "answered": lambda supervisor, now: supervisor.answered(now),
    "ended": lambda supervisor, now: supervisor.ended(now),
    "replaced": lambda supervisor, now: supervisor.replaced(now),
    "closed": lambda supervisor, now: supervisor.close(),
}
PATHS = {
    WAITING: [],
    STARTING: ["started"],
    READY: ["started", "ready"],
    BUSY: ["started", "ready", "asked"],
    CLOSED: ["closed"],
}
"""Events that lead to each state."""
TABLE = {
    (WAITING, "started"): (STARTING, NOW + 5.0),
    (WAITING, "started for good"): (BUSY, None),
    (WAITING, "not started"): (WAITING, NOW + 1.0),
    (WAITING, "replaced"): (WAITING, NOW),
    (STARTING, "ready"): (READY, None),
    (STARTING, "answered"): (READY, None),
    (STARTING, "ended"): (WAITING, NOW + 1.0),
    (STARTING, "replaced"): (WAITING, NOW),
    (READY, "ready"): (READY, None),
    (READY, "asked"): (BUSY, NOW + 2.0),
    (READY, "answered"): (READY, None),
    (READY, "ended"): (WAITING, NOW),
    (READY, "replaced"): (WAITING, NOW),
    (BUSY, "ready"): (READY, None),
    (BUSY, "asked"): (BUSY, NOW + 2.0),
    (BUSY, "answered"): (READY, None),
    (BUSY, "ended"): (WAITING, NOW + 1.0),
    (BUSY, "replaced"): (WAITING, NOW),
    **{(state, "closed"): (CLOSED, None) for state in ChildState},
}
"""The state after an event, and its deadline; every other event is impossible."""


def in_state(state, policy=RestartPolicy()):  # noqa: B008 (it is frozen)
    supervisor = ChildSupervisor(policy)
    for event in PATHS[state]:
        EVENTS[event](supervisor, NOW)
    assert supervisor.state is state
    return supervisor


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", ChildState)
def test_each_event_in_each_state(state, event):
    supervisor = in_state(state)
    if (state, event) in TABLE:
        EVENTS[event](supervisor, NOW)
        assert (supervisor.state, supervisor.deadline) == TABLE[state, event]
        assert supervisor.running == (supervisor.state in RUNNING)
    else:
        with pytest.raises(RuntimeError, match=f"in state {state.name}$"):
            EVENTS[event](supervisor, NOW)
        assert supervisor.state is state


def pauses(supervisor, count):
    """The pauses after each of so many processes that end at once."""
    found, now = [], NOW
    for _ in range(count):
        supervisor.started(now)
        supervisor.ended(now)
        found.append(supervisor.deadline - now)
        now = supervisor.deadline
    return found


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (RestartPolicy(), [1, 2, 4, 8, 16, 32, 60, 60]),
        (RestartPolicy(free_failures=1), [0, 1, 2, 4, 8, 16, 32, 60]),
        (RestartPolicy(free_failures=3, longest_pause=2.0), [0, 0, 0, 1, 2, 2, 2, 2]),
        (RestartPolicy(longest_pause=0.0), [0] * 8),
    ],
)
def test_pauses_double_up_to_their_bound(policy, expected):
    assert pauses(ChildSupervisor(policy), len(expected)) == expected


def test_failures_for_days_are_no_number_that_is_too_large():
    assert pauses(ChildSupervisor(RestartPolicy()), 2000)[-1] == 60.0


@pytest.mark.parametrize(("age", "pause"), [(60.0, 4.0), (60.1, 0.0)])
def test_the_end_of_a_steady_process_clears_the_failures(age, pause):
    supervisor = ChildSupervisor(RestartPolicy(steady_seconds=60.0))
    pauses(supervisor, 2)
    supervisor.started(NOW)
    supervisor.ended(NOW + age)
    assert supervisor.deadline == NOW + age + pause


def test_an_answer_clears_the_failures():
    supervisor = in_state(WAITING)
    pauses(supervisor, 5)
    supervisor.started(NOW, 5.0)
    supervisor.answered(NOW)
    assert supervisor.failures == 0


def test_the_end_of_a_ready_process_keeps_the_failures():
    supervisor = in_state(WAITING)
    pauses(supervisor, 3)
    supervisor.started(NOW, 5.0)
    supervisor.ready(NOW)
    supervisor.ended(NOW)
    assert (supervisor.failures, supervisor.deadline) == (3, NOW + 4.0)


def test_a_failed_start_always_pauses():
    supervisor = ChildSupervisor(RestartPolicy(free_failures=3))
    found = []
    for _ in range(6):
        supervisor.not_started(NOW)
        found.append(supervisor.deadline - NOW)
    assert found == [1, 1, 1, 1, 2, 4]


@given(
    st.integers(0, 4),
    st.floats(0, 100),
    st.sampled_from([0.0, 5.0, math.inf]),
    st.lists(st.tuples(st.sampled_from(sorted(EVENTS)), st.floats(0, 200)), max_size=60),
)
def test_invariants(free_failures, longest_pause, steady_seconds, events):
    """Two processes never run at once, none starts before its deadline, and pauses are bounded."""
    supervisor = ChildSupervisor(RestartPolicy(free_failures, longest_pause, steady_seconds))
    now, children = 0.0, 0
    for event, seconds in events:
        now += seconds
        begins = event.startswith("started")
        if begins and not supervisor.is_due(now):
            continue  # the caller waits for the deadline
        try:
            EVENTS[event](supervisor, now)
        except RuntimeError:
            assert (supervisor.state, event) not in TABLE
            continue
        children += begins
        children -= event in {"ended", "replaced", "closed"} and children > 0
        assert children == supervisor.running
        assert (supervisor.deadline is None) == (supervisor.state is CLOSED) or supervisor.running
        if supervisor.state is WAITING:
            assert now <= supervisor.deadline <= now + longest_pause
