import dataclasses
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.midi_in.clock_follower import LOST_SECONDS, ClockFollower
from stream.music.note import TICKS_PER_BEAT
from stream.play.timing.tempo_map import TempoMap
from tests.data.stage import SESSION, Stage

CLOCK, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
TICK = 0.5 / 24
"""At 120 bpm."""


def clocks(count, begin=0.0, tick=TICK):
    return [(begin + k * tick, CLOCK) for k in range(count)]


def song_position(sixteenths):
    return bytes([0xF2, sixteenths & 127, sixteenths >> 7])


def told(messages, follower=None):
    """Everything that the messages lead to, rounded."""
    follower = follower or ClockFollower()
    return [rounded(c) for time, data in messages for c in follower.message(time, data)]


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(member) for name, member in value.items()}
    return round(value, 6) if isinstance(value, float) else value


def line(time, beat, bpm=120.0):
    return {"follow": rounded({"time": time, "beat": beat, "bpm": bpm})}


def test_the_first_clock_after_start_is_beat_0():
    assert told([(9.0, START), *clocks(25, 10.0)]) == [
        {"start": 10.0},
        line(10.125, 0.25),
        line(10.25, 0.5),
        line(10.375, 0.75),
        line(10.5, 1.0),
    ]


def test_clocks_before_start_tell_the_tempo_from_its_first_beat_on():
    follower = ClockFollower()
    told(clocks(48), follower)
    begin = 48 * TICK
    assert told([(begin - 0.001, START), *clocks(7, begin)], follower) == [
        {"start": 1.0},
        line(1.0, 0.0),
        line(1.125, 0.25),
    ]


def test_a_start_in_the_middle_begins_anew_where_it_is():
    follower = ClockFollower()
    told([(0.0, START), *clocks(100)], follower)
    begin = 99 * TICK + 0.6 * TICK
    assert told([(begin - 0.001, START), *clocks(7, begin)], follower) == [
        {"start": round(begin, 6)},
        line(begin, 0.0),
        line(begin + 6 * TICK, 0.25),
    ]


def test_continue_goes_on_from_where_it_was_stopped():
    messages = [(0.0, START), *clocks(36), (0.74, STOP), *clocks(48, 36 * TICK)]
    messages += [(1.745, CONTINUE), *clocks(7, 84 * TICK)]
    follower = ClockFollower()
    lines = told(messages, follower)
    assert lines[-4:] == [
        {"stop": True},
        {"continue": 1.75},
        line(1.75, 1.5),
        line(1.875, 1.75),
    ]


def test_song_position_says_where_continue_begins():
    messages = [*clocks(48), (1.0, STOP), (1.1, song_position(300)), (1.2, CONTINUE)]
    assert told([*messages, *clocks(1, 1.3)])[-2:] == [{"continue": 1.3}, line(1.3, 75.0)]


def test_a_song_position_while_it_plays_waits_for_continue():
    messages = [(0.0, START), *clocks(25), (0.501, song_position(300)), *clocks(24, 25 * TICK)]
    follower = ClockFollower()
    assert told(messages, follower)[-1] == line(2.0 / 2, 2.0)
    begin = 49 * TICK
    assert told([(begin - 0.001, CONTINUE), *clocks(1, begin)], follower) == [
        {"continue": round(begin, 6)}, line(begin, 75.0),
    ]  # fmt: skip


def test_a_song_position_serves_once():
    messages = [*clocks(48), (1.0, STOP), (1.1, song_position(300)), (1.2, CONTINUE)]
    messages += [*clocks(25, 1.3), (1.81, STOP), (1.85, CONTINUE), *clocks(1, 1.9)]
    assert told(messages)[-3:] == [{"stop": True}, {"continue": 1.9}, line(1.9, 75 + 25 / 24)]


def test_start_forgets_the_song_position():
    messages = [*clocks(48), (1.0, STOP), (1.1, song_position(300)), (1.2, START)]
    assert told([*messages, *clocks(1, 1.3)])[-2:] == [{"start": 1.3}, line(1.3, 0.0)]


def test_stop_is_told_once_and_clocks_after_it_say_nothing():
    assert told([(0.0, STOP), (0.1, STOP), *clocks(100, 1.0)]) == [{"stop": True}]


def test_clocks_without_start_tell_their_tempo():
    assert told(clocks(13)) == [line(0.125, 0.25), line(0.25, 0.5)]


def test_a_new_tempo_is_told_within_half_a_beat():
    follower = ClockFollower()
    told([(0.0, START), *clocks(97)], follower)
    quick = 60 / 140 / 24
    assert told(clocks(12, 2.0 + quick, quick), follower) == [
        line(2.0 + 7 * quick, (96 + 7) / 24, 140.0)
    ]


def test_a_drop_out_holds_the_tempo_and_its_return_makes_no_jump():
    follower = ClockFollower()
    told([(0.0, START), *clocks(97)], follower)
    lost = 2.0 + LOST_SECONDS
    assert follower.deadline == pytest.approx(lost)
    assert follower.due(lost - 0.001) == []
    assert follower.due(follower.deadline) == [
        {"notice": "the MIDI clock is lost; going on at 120.0 bpm"}
    ]
    assert follower.deadline is None
    assert told(clocks(1, 96 * TICK + 2.5), follower) == [
        {"notice": "the MIDI clock is back"},
        line(4.5, 9.0),
    ]


def test_a_tempo_nobody_plays_at_is_refused_once():
    assert told(clocks(100, tick=60 / 400 / 24)) == [
        {"notice": "the MIDI clock runs at 400 bpm; set it to 20 to 300 bpm"}
    ]


transport = st.sampled_from([CLOCK, START, CONTINUE, STOP, song_position(5)])


@given(st.lists(st.tuples(st.floats(0, 1), transport)))
def test_no_order_of_messages_upsets_it(pauses):
    follower, time = ClockFollower(), 0.0
    for pause, data in pauses:
        time += pause
        follower.due(time)
        for command in follower.message(time, data):
            assert set(command) <= {"start", "continue", "stop", "follow", "notice"}


def shaky(bpm, beats, seed):
    """A clock that comes up to 3 ms early or late from a second after the stage was set, on."""
    shake = random.Random(seed)
    begin, tick = 102.0, 60 / bpm / 24
    came = [begin + k * tick + shake.uniform(-0.003, 0.003) for k in range(24 * beats)]
    return begin, [(came[0] - 0.001, START), *((time, CLOCK) for time in came)]


def obey(performance, command):
    for name, value in command.items():
        if name == "start":
            performance.transport.start(value)
        elif name == "continue":
            performance.transport.continue_at(value)
        elif name == "stop":
            performance.pause()
        elif name == "follow":
            performance.refill.tempo = value["bpm"]
            line = TempoMap(value["time"], value["beat"] * TICKS_PER_BEAT, value["bpm"])
            performance.transport.follow(line)


def played_to(messages):
    """When (s) the notes of a player begin that follows these messages, as soon as it may hear."""
    return [time for time, message in sent_to(messages) if message.type == "note_on"]


def sent_to(messages):
    """What a player sends that follows these messages, as soon as it may hear: (s), message."""
    stage, follower = Stage(dataclasses.replace(SESSION, clock="follow")), ClockFollower()
    stage.run(1.0)
    for time, data in messages:
        stage.run(max(time - stage.clock.now, 0.0))
        while not stage.performance.can_receive():
            stage.run(0.001)
        for command in follower.message(time, data):
            obey(stage.performance, command)
        stage.performance.step()
    return stage.tapes[0].sent


@pytest.mark.parametrize("bpm", [40, 60, 90, 120, 170, 240])
@pytest.mark.parametrize("seed", range(2))
def test_after_four_beats_of_a_shaky_clock_all_notes_come_within_two_milliseconds(bpm, seed):
    begin, messages = shaky(bpm, 20, f"{bpm} {seed}")
    beats = [(time - begin) * bpm / 60 for time in played_to(messages)]
    late = [(beat - round(2 * beat) / 2) * 60 / bpm for beat in beats if beat > 3.9]
    # Quavers, but for the half note at the end of each phrase.
    assert len(late) > 20
    assert max(map(abs, late)) < 0.002


BEGIN = 102.0
"""When (s) the first clock after Start comes to the player of the stage."""
RUNNING_UP = [(BEGIN + k * TICK, CLOCK) for k in range(-48, 0)]
"""The clocks before it."""


def run(first, count, begin):
    """So many clocks with their numbers, the first of them at `begin` (s)."""
    return [(begin + k * TICK, CLOCK, first + k) for k in range(count)]


def places(messages, sent):
    """Where each note of the player begins, in clocks: by the numbers of the clocks before it."""
    numbered = [(message[0], message[2]) for message in messages if len(message) == 3]
    found = []
    for time, message in sent:
        if message.type == "note_on":
            at, number = max(one for one in numbered if one[0] <= time + TICK / 2)
            found.append(number + (time - at) / TICK)
    return found


@pytest.mark.parametrize("stop", [0.02, 0.5, 0.98])
@pytest.mark.parametrize("count", [61, 66, 1, 97])
@pytest.mark.parametrize("clocked", [False, True], ids=["clocks stop", "clocks go on"])
def test_continue_costs_no_bar(stop, count, clocked):
    """The stage plays quavers from beat 0 on: each comes at its own clock, whatever the pause."""
    ended = BEGIN + (count - 1) * TICK
    again = ended + (100.5 if clocked else 100.3) * TICK
    between = [(ended + k * TICK, CLOCK) for k in range(1, 100)] if clocked else []
    messages = [*RUNNING_UP, (BEGIN - 0.001, START), *run(0, count, BEGIN)]
    messages += sorted([(ended + stop * TICK, STOP), *between])
    messages += [(again - 0.001, CONTINUE), *run(count, 120, again)]
    found = places(messages, sent_to([m[:2] for m in messages]))
    # Twelve quavers and a half note in each part of the phrase of the stage, which has 8 beats.
    wanted = [12 * k for k in range(40) if k % 16 < 13 and 12 * k < count + 100]
    assert [at for at in found if at < count + 99.5] == pytest.approx(wanted, abs=0.1)


POSITIONS = [(389, 384), (389, 390), (61, 66), (61, 60), (100, 96 * 4 + 100), (200, 96 + 194)]


@pytest.mark.parametrize(("reached", "position"), POSITIONS)
def test_after_a_song_position_the_music_is_in_phase(reached, position):
    """Whether the other goes back or ahead, each note comes at its place between two bars."""
    ended = BEGIN + (reached - 1) * TICK
    again = ended + 20.4 * TICK
    messages = [*RUNNING_UP, (BEGIN - 0.001, START), *run(0, reached, BEGIN)]
    messages += [(ended + 0.4 * TICK, STOP), (again - 0.1, song_position(position // 6))]
    messages += [(again - 0.001, CONTINUE), *run(position // 6 * 6, 400, again)]
    found = places(messages, sent_to([m[:2] for m in messages]))
    assert [place / 12 for place in found] == pytest.approx(
        [round(place / 12) for place in found], abs=0.01
    )
    after = [place for place in found if place >= position + 6]
    assert len(after) > 20
    gaps = {round(b - a) for a, b in itertools.pairwise(after)}
    assert gaps == {12, 48}


def test_a_player_that_stood_still_is_in_phase_again():
    """The process was stopped for a second while the clock went on."""
    stage, follower = Stage(dataclasses.replace(SESSION, clock="follow")), ClockFollower()
    stage.run(1.0)
    messages = [*RUNNING_UP, (BEGIN - 0.001, START), *run(0, 400, BEGIN)]
    for time, data, *_ in messages:
        if not BEGIN + 2.3 < time < BEGIN + 3.3:
            stage.run(max(time - stage.clock.now, 0.0))
        elif stage.clock.now < time:
            stage.clock.now = BEGIN + 3.3
        while not stage.performance.can_receive():
            stage.run(0.001)
        for command in follower.message(time, data):
            obey(stage.performance, command)
        stage.performance.step()
    onsets = [t for t, m in stage.tapes[0].sent if m.type == "note_on" and t > BEGIN + 3.6]
    late = [(t - BEGIN) / TICK / 12 for t in onsets]
    assert len(late) > 8
    assert late == pytest.approx([round(place) for place in late], abs=0.05)


class Model:
    """MIDI 1.0: a place in clocks, which Start and song positions set and clocks move."""

    def __init__(self):
        self.place, self.waits, self.plays, self.cue = 0, False, False, None

    def message(self, data):
        """The place of this message if it is a clock that is heard as one."""
        if data == START:
            self.place, self.waits, self.cue = 0, True, None
            self.fresh = True
        elif data == CONTINUE:
            if not self.plays or self.cue is not None:
                self.fresh = self.waits and self.fresh
                self.waits = True
        elif data == STOP:
            self.waits = self.plays = False
        elif data != CLOCK:
            self.cue = 6 * (data[1] | data[2] << 7)
        else:
            return self._clock()
        return None

    def _clock(self):
        begins = self.waits
        if begins:
            if self.cue is not None and not self.fresh:
                self.place = self.cue
            self.waits, self.plays, self.cue = False, True, None
        if not self.plays:
            return None
        self.place += 1
        return self.place - 1, begins


orders = st.lists(
    st.one_of(
        st.sampled_from([START, STOP, CONTINUE, song_position(0), song_position(7)]),
        st.integers(1, 40),
    ),
    max_size=14,
)


@given(orders)
def test_any_order_of_messages_is_obeyed_as_midi_1_0_says(parts):
    """After Stop, so that nobody guesses where the music is; clocks come all the time."""
    follower, model, time, last = ClockFollower(), Model(), 0.0, None
    follower.message(time, STOP)
    for part in [*parts, 8]:
        for data in [CLOCK] * part if isinstance(part, int) else [part]:
            time += TICK if data == CLOCK else 0.0
            commands, heard = follower.message(time, data), model.message(data)
            words = [next(iter(c)) for c in commands]
            if heard is not None and heard[1]:
                assert words[0] == ("continue" if heard[0] else "start")
                assert commands[0][words[0]] == pytest.approx(time, abs=TICK / 8)
            else:
                assert set(words) <= ({"stop"} if data == STOP else {"follow"})
            for command in commands:
                if "follow" in command:
                    assert heard is not None
                    assert command["follow"]["beat"] * 24 == pytest.approx(heard[0])
                    last = heard
    if model.plays and time > 20 * TICK and last is not None:
        assert last[0] > model.place - 8


TABLE = [
    ("clocks before Start are no place", [48, CONTINUE], ("start", 0)),
    ("no clock between Start and Stop", [START, 30, STOP, START, STOP, CONTINUE], ("start", 0)),
    ("song position 0", [START, 30, STOP, song_position(0), CONTINUE], ("start", 0)),
    ("Continue", [START, 30, STOP, CONTINUE], ("continue", 30)),
    ("twice", [START, 30, STOP, CONTINUE, CONTINUE], ("continue", 30)),
    ("Stop twice", [START, 30, STOP, STOP, CONTINUE], ("continue", 30)),
    ("Stop after Continue", [START, 30, STOP, CONTINUE, STOP, CONTINUE], ("continue", 30)),
    ("the clock goes on in a pause", [START, 30, STOP, 31, CONTINUE], ("continue", 30)),
    ("song position", [START, 30, STOP, song_position(9), CONTINUE], ("continue", 54)),
    ("the last of several", [STOP, song_position(9), song_position(4), CONTINUE], ("continue", 24)),
    ("Start after it", [STOP, song_position(9), START], ("start", 0)),
    ("Start forgets it", [STOP, song_position(9), START, STOP, CONTINUE], ("start", 0)),
    ("Continue while it plays", [START, 30, CONTINUE], (None, 30)),
    ("... and before the first clock", [START, CONTINUE], ("start", 0)),
    ("Start while it plays", [START, 30, START], ("start", 0)),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "wanted"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE])
def test_what_the_next_clock_means(parts, wanted):
    follower, time = ClockFollower(), 0.0
    told(clocks(24, -24 * TICK), follower)
    follower.message(-TICK / 2, STOP)
    if parts[0] == 48:
        follower = ClockFollower()
    for part in parts:
        for data in [CLOCK] * part if isinstance(part, int) else [part]:
            follower.message(time, data)
            time += TICK if data == CLOCK else 0.0
    commands = follower.message(time, CLOCK)
    word = next((name for c in commands for name in c if name != "follow"), None)
    beats = [c["follow"]["beat"] for c in commands if "follow" in c]
    assert (word, beats) == (wanted[0], [wanted[1] / 24])


def test_a_stop_after_a_drop_out_finds_the_music_where_it_is():
    """Clocks are lost for three seconds, then comes Stop: the music has gone on meanwhile."""
    messages = [(-0.001, START), *clocks(97), (5.01, STOP), (9.0, CONTINUE), *clocks(1, 9.001)]
    follower = ClockFollower()
    assert told(messages, follower)[-2:] == [
        {"continue": 9.001}, line(9.001, (1 + 5.01 // TICK) / 24),
    ]  # fmt: skip


def test_a_clock_that_comes_twice_counts_once():
    follower = ClockFollower()
    told([(-0.001, START), *clocks(50)], follower)
    doubled = [(time + late, CLOCK) for time, _ in clocks(46, 50 * TICK) for late in (0, 0.0004)]
    lines = told(doubled, follower)
    assert lines[-1] == line(90 * TICK, 90 / 24)


@pytest.mark.parametrize("bpm", [40, 120, 300])
@pytest.mark.parametrize("before", [0, 1, 6, 30])
def test_a_clock_that_always_came_twice_is_one_clock(before, bpm):
    """From its first message on, Start itself among them; then every tempo is a real one."""
    tick = 60 / bpm / 24
    came = [*clocks(before, -before * tick, tick), (-0.001, START), *clocks(97, 0.0, tick)]
    twice = sorted((time + late, data) for time, data in came for late in (0.0, 0.0004))
    lines = [c["follow"] for c in told(twice, ClockFollower()) if "follow" in c]
    assert {round(at["bpm"], 1) for at in lines} == {bpm}
    assert lines[-1]["beat"] == pytest.approx(lines[-1]["time"] / tick / 24, abs=0.001)
    assert lines[-1]["beat"] > 90 / 24


def test_clocks_that_were_held_back_count_though_there_were_few_before():
    came = [clocks(31)[min(k, 8) if 5 < k < 9 else k] for k in range(31)]
    lines = told([(-0.001, START), *came], ClockFollower())
    assert lines[-1] == line(30 * TICK, 30 / 24)


def led(pauses):
    """What a player sends that is paused after so many seconds for so many, again and again."""
    stage = Stage(dataclasses.replace(SESSION, clock="send"))
    stage.tapes[0].clocked = True
    stage.run(3.0)
    for played, paused in pauses:
        stage.run(played)
        stage.performance.pause()
        stage.run(paused)
        stage.performance.transport.resume()
    stage.run(2.0)
    # The other player is there before the music begins.
    return [(time + 5.0, message) for time, message in stage.tapes[0].sent]


@pytest.mark.parametrize("seed", range(8))
def test_one_player_behind_another_stays_with_it(seed):
    """Each note of the one comes with one of the other's, however often that pauses.

    One that sounds already where the other tells to go on begins there, and one that is about to
    begin when the other stops is not held back.
    """
    chance = random.Random(seed)
    pauses = [(chance.uniform(0.3, 2), chance.uniform(0.05, 3)) for _ in range(4)]
    sent = led(pauses)
    clocked = {"clock", "start", "stop", "continue", "songpos"}
    followed = played_to([(t, bytes(m.bin())) for t, m in sent if m.type in clocked])
    times = {
        name: [time for time, message in sent if message.type == name]
        for name in ("note_on", "continue", "stop")
    }
    assert len(followed) >= len(times["note_on"]) - 2 * len(pauses) - 3
    for time in followed[:-2]:
        near = {name: min(abs(time - other) for other in times[name]) for name in times}
        assert min(near["note_on"], near["continue"]) < 0.003 or near["stop"] < 0.02


@pytest.mark.parametrize("seed", range(8))
def test_one_player_behind_another_that_stood_still_is_in_phase_again(seed):
    """The process of the first is stopped for a moment: its music waits, and the other's, too."""
    chance = random.Random(seed)
    stage = Stage(dataclasses.replace(SESSION, clock="send"))
    stage.tapes[0].clocked = True
    stage.run(3.0)
    for _ in range(4):
        stage.run(chance.uniform(0.3, 1.5))
        stage.clock.now += chance.uniform(0.12, 2.5)
    stage.run(4.0)
    # The other player is there before the music begins.
    sent = [(time + 5.0, message) for time, message in stage.tapes[0].sent]
    clocked = {"clock", "start", "stop", "continue", "songpos"}
    followed = played_to([(t, bytes(m.bin())) for t, m in sent if m.type in clocked])
    *_, quaver = [time for time, message in sent if message.type == "note_on"]
    after = [(time - quaver) / (12 * TICK) for time in followed if time > quaver - 2.5]
    assert len(after) > 4
    assert after == pytest.approx([round(place) for place in after], abs=0.05)


def test_a_clock_is_lost_after_two_seconds():
    follower = ClockFollower()
    told([(0.0, START), *clocks(25, 10.0)], follower)
    assert follower.deadline == pytest.approx(10.5 + 2.0)
    assert follower.due(12.49) == []
    assert "notice" in follower.due(12.51)[0]
