"""Controls that are moved while a band plays: what is recorded is what was played."""

import dataclasses
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from stream.ensembles.library import Ensembles
from stream.music.note import Note, ticks_to_seconds
from stream.play.recording.recorder import played_part
from stream.play.timing.scheduler import performed_notes
from tests.data.fake_composer import compose
from tests.data.stage import SESSION, Stage

RESPONSIVE = dataclasses.replace(SESSION, responsive=True)
VALUES = {
    "expression": [0.0, 1.0, 2.0],
    "transpose": [0, 5],
    "swing": [0.0, 0.33],
    "temperature": [0.5, 1.0],
    "energy": [0.1, 0.9],
    "parts": ["", "bass=off", "drums=2", "bass=40%"],
    "ensemble": ["band", "jazz"],
}


def band(request):
    """The fake composer's scale, with a bass and drums that are early and late."""
    rng = random.Random(f"{request.index} {request.begun}")
    phrase = compose(request)
    notes = list(phrase.notes)
    notes += [Note(tick, 40, 40, 80, 6) for tick in range(0, phrase.length - 40, 48)]
    notes += [
        Note(tick, 6, 36 if tick % 96 == 0 else 42, 90, 9, rng.randint(-59, 59))
        for tick in range(0, phrase.length, 12)
    ]
    notes.sort(key=lambda note: note.onset)
    ensemble = request.controls.ensemble or "band"
    return dataclasses.replace(
        phrase, notes=tuple(notes), ensemble=ensemble, roles=("lead",), energy=0.5
    )


def struck(stage):
    """Time, channel and pitch of each note that was sent."""
    return [
        (round(time, 4), m.channel, m.note)
        for time, m in stage.tapes[0].sent
        if m.type == "note_on"
    ]


def recorded(slots):
    """The same of what is recorded."""
    ensembles, found = Ensembles(), []
    for slot in slots:
        part = played_part(slot)
        phrase = part.phrase(None, ensembles)
        for note, onset, _ in performed_notes(phrase.notes, phrase.length):
            time = slot.start + ticks_to_seconds(onset / 10, phrase.bpm)
            found.append((round(time, 4), note.channel, note.pitch))
    return found


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([SESSION, RESPONSIVE]),
    st.lists(
        st.tuples(st.floats(0.01, 3.0), st.sampled_from(sorted(VALUES)), st.integers(0, 2)),
        max_size=8,
    ),
)
def test_what_is_recorded_is_what_was_played(session, moves):
    stage = Stage(session, compose=band)
    stage.run(1.0)
    for wait, name, which in moves:
        stage.run(wait)
        refill = stage.performance.refill
        choices = VALUES[name]
        controls = dataclasses.replace(refill.controls, **{name: choices[which % len(choices)]})
        refill.set_controls(controls, stage.performance.transport.now())
    stage.run(12.0)
    stats = stage.performance.stats
    assert (stats.repeats, stats.stalls) == (0, 0)
    slots = stage.keeper.kept
    end = slots[-1].end
    sent, kept = (
        sorted(each for each in notes if each[0] < end - 1e-3)
        for notes in (struck(stage), recorded(slots))
    )
    assert [each[1:] for each in sent] == [each[1:] for each in kept]
    assert all(abs(one[0] - other[0]) < 5e-4 for one, other in zip(sent, kept, strict=True))
    times = [time for time, _ in stage.tapes[0].sent]
    assert times == sorted(times)
    sounding = set()
    for _, message in stage.tapes[0].sent:
        if message.type in {"note_on", "note_off"}:
            key = message.channel, message.note
            assert (message.type == "note_on") == (key not in sounding)
            sounding ^= {key}
