"""Controls that are moved while the music plays: when they are heard, and that nothing breaks."""

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.music.note import Note
from stream.music.stream_position import StreamPosition
from stream.music.verdict import Rule, Verdict
from stream.play.queue.phrase_queue import PhraseQueue
from stream.play.queue.refill import Refill
from tests.data.fake_composer import compose
from tests.data.stage import SESSION, Stage

BAR = 2.0
START = 100.12
"""Start of the first phrase at 120 quarter notes a minute."""
RESPONSIVE = dataclasses.replace(SESSION, responsive=True)


def changed(stage, **values):
    performance = stage.performance
    controls = dataclasses.replace(performance.refill.controls, **values)
    performance.refill.set_controls(controls, performance.transport.now())


def onsets(stage):
    return [(time, m.note) for time, m in stage.tapes[0].sent if m.type == "note_on"]


def in_order(stage):
    """Check that every note ends before it is struck again, and at last."""
    sounding = set()
    for _, message in stage.tapes[0].sent:
        if message.type == "control_change":
            continue
        key = (message.channel, message.note)
        if message.type == "note_on":
            assert key not in sounding
            sounding.add(key)
        else:
            sounding.discard(key)
    return sounding


def test_the_tempo_changes_at_the_next_bar():
    stage = Stage()
    stage.run(0.9)
    changed(stage, bpm=60.0)
    stage.run(8.0)
    times = [time - START for time, _ in onsets(stage)]
    # The first phrase: twelve eighths and a half note; two bars of it at the new tempo.
    assert times[:8] == pytest.approx([0.25 * i for i in range(8)])
    assert times[8:12] == pytest.approx([2.0 + 0.5 * i for i in range(4)])
    assert times[12] == pytest.approx(4.0)
    assert times[13] == pytest.approx(6.0)
    assert stage.performance.stats.repeats == 0


def test_responsive_it_changes_at_the_next_note():
    stage = Stage(RESPONSIVE)
    stage.run(0.9)
    changed(stage, transpose=12)
    stage.run(4.0)
    pitches = [pitch for _, pitch in onsets(stage)]
    assert pitches[:8] == [49, 50, 51, 52, 65, 66, 67, 68]


def test_what_is_composed_changes_at_the_next_bar_that_the_composer_makes():
    stage = Stage(delay=0.1)
    stage.run(1.5)
    changed(stage, temperature=0.5)
    stage.run(0.5)
    (rest,) = [request for request in stage.link.requests if request.begun == 192]
    assert (rest.begun, rest.bars, rest.parent) == (192, 3, -1)
    assert rest.controls.temperature == 0.5
    assert [note.onset for note in rest.history] == [24 * i - 192 for i in range(8)]
    stage.run(2.0)
    # The first bar as it was, then the answer: the rest of the phrase.
    assert stage.onlooker.begun[:2] == [(START, False), (START + BAR, False)]
    assert onsets(stage)[8][0] == pytest.approx(START + BAR)


def test_an_answer_that_is_late_takes_the_bar_after():
    stage = Stage(delay=0.1)
    stage.run(1.0)
    stage.link.delay = 1.5
    changed(stage, temperature=0.5)
    stage.run(7.0)
    # Asked for the bar at 2 s, answered too late, asked again for the one at 4 s or later.
    starts = [round(time - START, 6) for time, _ in stage.onlooker.begun]
    assert starts[0] == 0.0
    assert starts[1] in {4.0, 6.0}
    assert stage.performance.stats.repeats == 0


def late(session, change):
    """A stage on which the answer to a change in the second phrase's first bar takes 2 s."""
    stage = Stage(session, delay=0.1)
    stage.run(8.7)
    stage.link.delay = 2.0
    change(stage)
    stage.run(0.1)
    asked = stage.link.requests[-1]
    stage.link.delay = 0.1
    stage.run(8.0)
    return stage, asked


def answer_ticks(stage):
    """Return where in its source each answer begins, and when (s) that is."""
    kept = [slot for slot in stage.keeper.kept + stage.performance.queue.slots() if slot.begin]
    return {(slot.begin, round(slot.start - START, 6)) for slot in kept}


def test_of_an_answer_that_is_late_the_bars_are_played_that_are_left():
    stage, asked = late(SESSION, lambda stage: changed(stage, temperature=0.5))
    # The second phrase begins at 8 s; asked for its second bar, answered in it.
    assert (asked.begun, asked.bars) == (192, 3)
    assert answer_ticks(stage) == {(192, 12.0)}
    assert [r.begun for r in stage.link.requests].count(192) == 1
    answer = compose(asked)
    played = [pitch for time, pitch in onsets(stage) if 12.0 <= time - START < 16.0 - 1e-6]
    assert played == [note.pitch for note in answer.notes if note.onset >= 192]
    assert stage.performance.stats.repeats == 0


def test_responsive_of_an_answer_that_is_late_the_notes_are_played_that_are_left():
    stage, asked = late(RESPONSIVE, lambda stage: changed(stage, temperature=0.5))
    assert asked.begun == 72
    ((begin, start),) = answer_ticks(stage)
    assert start == pytest.approx(8.0 + (72 + begin) / 96)
    answered = 8.7 - 0.12 + 2.0
    assert answered < start <= answered + 0.26
    answer = compose(asked)
    played = [pitch for time, pitch in onsets(stage) if start - 1e-6 <= time - START < 16.0 - 1e-6]
    assert played == [note.pitch for note in answer.notes if note.onset >= begin]


@pytest.mark.parametrize("session", [SESSION, RESPONSIVE])
def test_a_tune_that_is_late_is_played_from_its_beginning(session):
    stage, asked = late(
        session, lambda stage: stage.performance.refill.recompose(StreamPosition.next_tune)
    )
    assert asked.tune == 1
    assert [r.index for r in stage.link.requests].count(asked.index) == 1
    assert answer_ticks(stage) == set()
    first = [note.pitch for note in compose(asked).notes[:12]]
    opened = next(s for s in stage.keeper.kept + stage.performance.queue.slots() if s.phrase.tune)
    assert opened.start - START == pytest.approx(12.0 if session is SESSION else 10.75)
    played = [pitch for time, pitch in onsets(stage) if time >= opened.start - 1e-6]
    assert played[:12] == first


def test_a_phrase_that_took_long_puts_no_wish_off():
    stage = Stage(RESPONSIVE, delay=0.1)
    stage.run(4.0)
    stage.link.delay, phrases = 1.5, len(stage.link.requests)
    while len(stage.link.requests) == phrases or not stage.link.idle:
        stage.run(0.1)
    stage.link.delay, now = 0.1, stage.clock.now
    changed(stage, temperature=0.7)
    stage.run(3.0)
    assert next(at for at, _ in stage.onlooker.begun if at > now) - now < 0.5


@pytest.mark.parametrize("session", [SESSION, RESPONSIVE])
@pytest.mark.parametrize("eighths", range(32))
def test_wherever_a_control_is_moved_a_composer_that_has_become_slow_keeps_up(eighths, session):
    stage = Stage(session, delay=0.1)
    stage.run(START + 8.1 - 100.0 + 0.25 * eighths)
    changed(stage, temperature=0.5)
    stage.link.delay = 1.2
    stage.run(12.0)
    assert stage.performance.stats.repeats == 0


def test_the_next_tune_begins_at_the_next_bar():
    stage = Stage()
    stage.run(1.0)
    stage.performance.refill.recompose(StreamPosition.next_tune)
    stage.run(4.0)
    assert stage.link.requests[-1].tune == 1
    assert [slot.phrase.tune for slot in stage.performance.queue.slots()][-1] == 1
    assert stage.onlooker.begun[1] == (START + BAR, False)


def test_a_call_is_answered():
    stage = Stage()
    stage.run(1.0)
    call = (Note(-96, 48, 72), Note(-48, 48, 74))
    stage.performance.refill.call(call, 96, 120.0)
    stage.run(0.5)
    request = stage.link.requests[-1]
    assert (request.history, request.call, request.opening, request.parent) == (call, 96, True, -1)


def test_a_player_who_has_paused_us_hears_the_answer_at_once():
    stage = Stage()
    stage.run(1.0)
    stage.performance.pause()
    stage.run(5.0)
    stage.performance.refill.call((Note(-96, 48, 72),), 96, 120.0)
    stage.performance.resume()
    sent, asked = len(onsets(stage)), stage.clock.now
    stage.run(3.0)
    first, *_ = onsets(stage)[sent:]
    (request,) = [request for request in stage.link.requests if request.call]
    # A tenth of a second to compose it; the first note of the answer, not the rest of the bar.
    assert first == (pytest.approx(asked + 0.12), 48 + (1 + 5 * request.index) % 12)
    assert stage.performance.stats.repeats == 0


def test_the_stream_goes_on_as_if_nothing_had_happened_where_nothing_is_moved():
    stage, other = Stage(), Stage()
    changed(stage, bpm=120.0)
    stage.run(20.0)
    other.run(20.0)
    assert stage.tapes[0].sent == other.tapes[0].sent


MOVES = st.lists(
    st.tuples(
        st.floats(0.01, 3.0),
        st.sampled_from(["bpm", "swing", "transpose", "temperature", "density", "next", "pause"]),
        st.floats(0, 1),
    ),
    max_size=12,
)


def moved(stage, name, value):
    performance = stage.performance
    if name == "next":
        performance.refill.recompose(StreamPosition.next_tune)
    elif name == "pause":
        performance.pause()
        stage.clock.now += value
        performance.transport.resume()
    else:
        values = {"bpm": 40 + 200 * value, "swing": 0.75 * value, "transpose": round(24 * value)}
        changed(stage, **{name: values.get(name, 0.5 + value)})


@given(MOVES, st.booleans(), st.sampled_from([0.05, 0.4, 1.0]))
def test_whatever_is_moved_no_note_hangs_and_the_queue_never_runs_dry(moves, responsive, delay):
    stage = Stage(RESPONSIVE if responsive else SESSION, delay=delay)
    stage.run(0.5)
    for wait, name, value in moves:
        stage.run(wait)
        moved(stage, name, value)
    stage.run(10.0)
    stats = stage.performance.stats
    assert (stats.repeats, stats.stalls, stats.late) == (0, 0, 0)
    times = [time for time, _ in stage.tapes[0].sent]
    assert times == sorted(times)
    in_order(stage)
    stage.performance.pause()
    assert in_order(stage) == set()


@given(MOVES, st.booleans())
def test_the_parts_that_were_played_are_those_that_were_heard(moves, responsive):
    """The recorded phrases are the music, without a gap or an overlap."""
    stage = Stage(RESPONSIVE if responsive else SESSION)
    stage.run(0.5)
    for wait, name, value in moves:
        if name != "pause":
            stage.run(wait)
            moved(stage, name, value)
    stage.run(10.0)
    stage.performance.finish()
    ended = stage.keeper.kept
    heard = [(slot.time_at(note.onset), note.pitch) for slot in ended for note in slot.phrase.notes]
    sent = onsets(stage)
    assert [pitch for _, pitch in heard] == [pitch for _, pitch in sent]
    assert [time for time, _ in heard] == pytest.approx([time for time, _ in sent], abs=1e-5)
    for one, other in itertools.pairwise(ended):
        assert one.end == pytest.approx(other.start)


class Said:
    """A composer that says what it is told to."""

    def __init__(self):
        self.ready, self.says = True, []

    def request(self, request):
        pass

    def receive(self):
        said, self.says = self.says, []
        return said


def supplied():
    """A supply, and what makes it hear a phrase with a number that passed the rules or did not."""
    link, queue = Said(), PhraseQueue()
    refill = Refill(link, queue, SESSION)

    def receive(number, *, passed):
        rule = Rule("entropy", 2.0 if passed else 9.0, 1.0, 3.0)
        refill.request(0.0)
        phrase = dataclasses.replace(compose(refill._requested.position.request), index=number)
        link.says = [dataclasses.replace(phrase, verdict=Verdict((rule,)))]
        refill.receive(0.0)

    def repeated():
        refill.repeat(0.0)
        return queue.upcoming[-1].source.index

    return receive, repeated


def test_what_passed_the_rules_is_repeated_before_what_did_not():
    receive, repeated = supplied()
    for number, passed in enumerate([False, False, True, False, True]):
        receive(number, passed=passed)
    assert [repeated() for _ in range(8)] == [0, 1, 2, 4] * 2


def test_repeats_begin_anew_after_the_composer_has_spoken():
    receive, repeated = supplied()
    for number in range(3):
        receive(number, passed=True)
    assert [repeated() for _ in range(2)] == [0, 1]
    receive(3, passed=True)
    assert [repeated() for _ in range(5)] == [0, 1, 2, 3, 0]


def test_what_is_wished_for_while_an_answer_is_late_is_not_forgotten():
    """The answer comes when its phrase is over, and is passed over."""
    stage = Stage(delay=0.1)
    stage.run(8.7)
    stage.link.delay = 7.5
    changed(stage, temperature=0.5)
    stage.run(0.3)
    stage.link.delay = 0.1
    stage.performance.refill.recompose(StreamPosition.next_tune)
    stage.run(20.0)
    late, again = stage.link.requests[4:6]
    assert (late.tune, late.begun, late.controls.temperature) == (0, 192, 0.5)
    assert (again.tune, again.phrase_lengths, again.controls.temperature) == (1, (), 0.5)
