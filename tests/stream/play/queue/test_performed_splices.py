"""Changes of a queue whose notes are performed early and late: none is lost, none is doubled."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from stream.ensembles.ensemble import load
from stream.music.note import Controls, Note, Phrase, ticks_to_seconds
from stream.play.observer import Slot
from stream.play.queue.arrange import arranged
from stream.play.queue.phrase_queue import PhraseQueue
from stream.play.queue.routing import routed
from stream.play.queue.splice_points import bar_lines, next_splice_point, onsets
from stream.play.timing.scheduler import performed_notes

ROLES = ("lead",)
PARTS = {0: range(60, 84), 5: range(50, 60), 6: range(30, 50), 9: (36, 38, 42)}
BAND = routed(load("band"), ROLES, {})
START = 10.0


@st.composite
def phrases(draw):
    """A phrase of a band, with offsets of its drums of up to a sixteenth note."""
    notes = []
    for part, pitches in PARTS.items():
        for frame in draw(st.lists(st.integers(0, 63), max_size=16)):
            offset = draw(st.integers(-119, 119)) if part == 9 else 0
            pitch = draw(st.sampled_from(pitches))
            notes.append(Note(12 * frame, draw(st.integers(1, 60)), pitch, 80, part, offset))
    notes.sort(key=lambda note: note.onset)
    return Phrase(
        tuple(notes), 768, 120.0, 0, 0, "s", "v", 1, bar=192, ensemble="band", roles=ROLES
    )


def queued(queue, source, begin, finish, controls):
    phrase = arranged(source, begin, finish, controls, None, BAND)
    early = max((-note.offset for note in phrase.notes), default=0) / 10
    slot = Slot(
        phrase, START, START, source=source, begin=begin, finish=finish, controls=controls,
        early=max(early, 0.0), ensemble=BAND,
    )  # fmt: skip
    queue.append(phrase, slot, earliest=START)


def struck(messages):
    return sorted(
        (m.message.channel, m.message.note) for m in messages if m.message.type == "note_on"
    )


def sounded(*parts):
    """The notes that these parts strike, and those that are struck once for several."""
    notes = [n for part in parts for n, _, _ in performed_notes(part.notes, part.length)]
    return sorted((note.channel, note.pitch) for note in notes)


@given(
    phrases(),
    st.sampled_from([bar_lines, onsets]),
    st.floats(0.0, 7.9),
    st.sampled_from([0.3, 1.0, 2.0]),
    st.sampled_from([0.0, 0.33]),
)
def test_a_cut_loses_and_doubles_no_note(source, ticks_of, now, expression, swing):
    now += START
    before = Controls(expression=expression, swing=swing)
    after = dataclasses.replace(before, transpose=1)
    queue = PhraseQueue()
    queued(queue, source, 0, source.length, before)
    queue.begun(now)
    sent = []
    while queue.messages and queue.messages[0].time <= now:
        sent.append(queue.messages.popleft())
    point = next_splice_point(queue.slots(), now, ticks_of)
    if point is None:
        return
    queue.cut(point)
    left = list(queue.messages)
    assert left == sorted(left)
    assert all(now < timed.time <= point.time + 1e-9 for timed in left)
    head = arranged(source, 0, point.tick, before, None, BAND)
    tail = arranged(source, point.tick, source.length, after, None, BAND)
    assert struck([*sent, *left]) == sounded(head)
    # All that was struck has ended at the splice point.
    balance = {}
    for timed in [*sent, *left]:
        if timed.message.type in {"note_on", "note_off"}:
            key = timed.message.channel, timed.message.note
            balance[key] = balance.get(key, 0) + (1 if timed.message.type == "note_on" else -1)
            assert balance[key] in {0, 1}
    assert not any(balance.values())
    queued(queue, source, point.tick, source.length, after)
    assert list(queue.messages) == sorted(queue.messages)
    assert struck(queue.messages) == sorted([*struck(left), *sounded(tail)])


@given(phrases(), st.floats(0.1, 3.0))
def test_a_new_tempo_moves_the_grid_with_the_notes(source, share):
    queue = PhraseQueue()
    queued(queue, source, 0, source.length, Controls())
    before = list(queue.messages)
    queue.retime(lambda time: START + (time - START) * share)
    for one, other in zip(before, queue.messages, strict=True):
        for old, new in ((one.time, other.time), (one.on_grid, other.on_grid)):
            assert abs(new - START - (old - START) * share) < 1e-9
    note = next((n for n in source.notes if n.channel == 0), None)
    if note is not None:
        on_grid = {round(m.on_grid - START, 6) for m in before if m.message.type == "note_on"}
        assert round(ticks_to_seconds(note.onset, 120.0), 6) in on_grid
