"""Tunes with a tempo, a key and a meter of their own: how they are played, and where it is told."""

import dataclasses
import io

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.music.note import Controls, Note, ticks_to_seconds
from stream.play.queue.arrange import arranged
from stream.play.recording.format import file_bytes
from stream.play.recording.header import Header
from stream.play.recording.reader import read
from stream.play.recording.recorder import played_part
from stream.play.recording.sections import Section, last_parts
from stream.play.session import Session
from stream.play.sinks.midifile import MidiFileSink
from stream.play.timing.tempo_map import TempoMap
from tests.data import fake_composer
from tests.data.fake_sets import TUNES, compose
from tests.data.stage import Stage

AUTOMATIC = Session(seed=1, controls=Controls())
TEMPI = [tune.tempo for tune in TUNES]
HEADER = Header("1", "x", "", seed=1)
META = {"set_tempo", "time_signature", "key_signature", "marker"}


def stage_of(session=AUTOMATIC):
    return Stage(session, compose=compose)


def move(stage, **values):
    performance = stage.performance
    controls = dataclasses.replace(performance.refill.controls, **values)
    performance.refill.set_controls(controls, performance.transport.now())


def pulses(stage):
    return [at for at, message in stage.tapes[0].sent if message.type == "clock"]


def tempos(stage):
    """The tune and the tempo of each phrase that was played."""
    slots = [*stage.keeper.kept, stage.performance.queue.current]
    return [(slot.phrase.tune, slot.phrase.bpm) for slot in slots]


def headings(data):
    """The beat and the text of each meta event of a file, as mido reads it."""
    now, found = 0, []
    for message in mido.MidiFile(file=io.BytesIO(data)).tracks[0]:
        now += message.time
        if message.type in META:
            found.append((now / 480, message.copy(time=0)))
    return found


def test_each_tune_has_its_own_tempo():
    stage = stage_of()
    stage.run(60.0)
    played = tempos(stage)
    assert {tune for tune, _ in played} == {0, 1, 2, 3}
    assert all(bpm == TEMPI[tune % 3] for tune, bpm in played)
    assert stage.performance.stats.repeats == 0


def test_a_fixed_tempo_wins_until_it_is_automatic_again():
    stage = stage_of(Session(seed=1, controls=Controls(bpm=100.0)))
    stage.run(40.0)
    assert {bpm for _, bpm in tempos(stage)} == {100.0}
    tune = stage.performance.queue.current.phrase.tune
    move(stage, bpm=0)
    stage.run(3.0)
    assert stage.performance.queue.current.phrase.bpm == TEMPI[tune % 3]
    move(stage, bpm=150.0)
    stage.run(3.0)
    assert stage.performance.queue.current.phrase.bpm == 150.0


def test_a_response_has_the_tempo_at_which_the_call_was_played():
    stage = stage_of()
    stage.run(10.0)
    stage.performance.refill.call((Note(-96, 48, 72),), 96, TEMPI[0])
    stage.run(60.0)
    played = tempos(stage)
    assert {bpm for tune, bpm in played if tune == 1} == {TEMPI[0]}
    assert {bpm for tune, bpm in played if tune > 1} == {TEMPI[2], TEMPI[0], TEMPI[1]}


def test_without_facts_the_tempo_is_120():
    stage = Stage(AUTOMATIC, compose=fake_composer.compose)
    stage.run(20.0)
    assert {bpm for _, bpm in tempos(stage)} == {120.0}
    assert {slot.phrase.title for slot in stage.keeper.kept} == {""}


def test_the_clock_goes_on_through_a_change_of_the_tempo():
    stage = stage_of(dataclasses.replace(AUTOMATIC, clock="send"))
    stage.tapes[0].clocked = True
    stage.run(60.0)
    slots = [*stage.keeper.kept, stage.performance.queue.current]
    expected = []
    for slot in slots:
        expected += [slot.time_at(tick) for tick in range(0, slot.phrase.length, 2)]
    found = pulses(stage)
    assert len({slot.phrase.bpm for slot in slots}) == 3
    assert len(found) > 1000
    assert found == pytest.approx(expected[: len(found)], abs=1e-5)
    assert [m.type for _, m in stage.tapes[0].sent].count("start") == 1


def test_a_followed_clock_wins_over_tunes_of_several_tempos():
    stage = stage_of()
    stage.run(13.0)
    assert len({slot.phrase.bpm for slot in stage.performance.queue.slots()}) > 1
    stage.performance.refill.tempo = 90.0
    stage.performance.transport.follow(TempoMap(113.0, 0.0, 90.0))
    queue = stage.performance.queue
    for slot in queue.slots():
        seconds = ticks_to_seconds(slot.phrase.length, 90.0)
        assert slot.end - slot.start == pytest.approx(seconds)
        assert slot.phrase.bpm == 90.0
    bars = [(slot.start - 113.0) * 90.0 / 60.0 % 4 for slot in queue.upcoming]
    assert [round(bar, 6) % 4 for bar in bars] == [0.0] * len(bars)
    stage.run(20.0)
    assert {slot.phrase.bpm for slot in stage.keeper.kept[3:]} == {90.0}


@settings(max_examples=25, deadline=None)
@given(st.floats(1.0, 40.0), st.floats(60, 200), st.sampled_from(["follow", "start", "continue"]))
def test_whenever_a_clock_is_joined_all_notes_fall_on_its_eighths(seconds, bpm, way):
    stage = stage_of()
    stage.run(seconds)
    performance, now = stage.performance, stage.clock.now
    if way == "start":
        performance.transport.start(now + 0.5)
    elif way == "continue":
        performance.pause()
        performance.transport.continue_at(now + 0.5)
    performance.refill.tempo = bpm
    performance.transport.follow(TempoMap(now + 0.5, 0.0, bpm))
    stage.run(25.0)
    joined = now + 0.5 + 4 * 60.0 / bpm
    onsets = [at for at, m in stage.tapes[0].sent if m.type == "note_on" and at > joined]
    eighths = [(at - now - 0.5) * bpm / 30.0 for at in onsets]
    assert len(eighths) > 20
    assert eighths == pytest.approx([round(each) for each in eighths], abs=1e-3)
    assert performance.stats.repeats == 0


def test_the_key_moves_with_the_music():
    source = compose(stage_of().performance.refill._position.request)
    keys = [
        arranged(source, 0, source.length, controls).key
        for controls in (Controls(), Controls(transpose=1), Controls(scale="A dorian"))
    ]
    assert keys == ["D major", "Eb major", "A dorian"]


def test_a_file_tells_each_tune_at_its_first_tick(tmp_path):
    stage = stage_of()
    stage.outputs.route([sink := MidiFileSink(tmp_path / "a.mid")], stage.clock.now)
    sink.connect()
    stage.outputs._playing.append(sink)
    stage.run(45.0)
    sink.close()
    told = headings((tmp_path / "a.mid").read_bytes())
    opening = [
        (0.0, mido.MetaMessage("time_signature", numerator=6, denominator=8, clocks_per_click=36)),
        (0.0, mido.MetaMessage("key_signature", key="D")),
        (0.0, mido.MetaMessage("marker", text="folk: jig in D major, 6/8 (1 of 2)")),
    ]
    assert [each for each in told if each[1].type != "set_tempo"][:3] == opening
    markers = [(beat, message.text) for beat, message in told if message.type == "marker"]
    assert markers[:3] == [
        (0.0, "folk: jig in D major, 6/8 (1 of 2)"),
        (32.0, "folk: jig in G major, 6/8 (2 of 2)"),
        (64.0, "folk: reel in E minor, 4/4 (1 of 3)"),
    ]
    changes = {beat: m.tempo for beat, m in told if m.type == "set_tempo"}
    assert [changes[beat] for beat in (0.0, 32.0, 64.0)] == list(map(mido.bpm2tempo, TEMPI))


def test_a_recording_tells_the_same_and_keeps_an_automatic_tempo():
    stage = stage_of()
    stage.run(40.0)
    section = Section(HEADER)
    played = [played_part(slot) for slot in stage.keeper.kept]
    assert {part.controls.bpm for part in played} == {0.0}
    for part in played:
        section.add(part)
    data = file_bytes(entry.part for entry in section.entries)
    markers = [(beat, m.text) for beat, m in headings(data) if m.type == "marker"]
    assert [beat for beat, _ in markers] == [0.0, 32.0, 64.0]
    sections, end = read(data)
    assert end == len(data)
    assert len(sections[0].parts) == len(played)
    # A part of it begins with a heading, too.
    (first, *_) = headings(file_bytes(last_parts([section], 1.0)))[1:]
    assert first[1].type == "time_signature"


def test_a_phrase_in_full_keeps_what_is_known_of_its_tune():
    stage = stage_of()
    stage.run(20.0)
    slot = stage.keeper.kept[-1]
    part = dataclasses.replace(played_part(slot), request=None)
    section, again = Section(HEADER), Section(HEADER)
    written = section.add(part)
    (stored,), _ = read(file_bytes(entry.part for entry in section.entries))
    decoded = again.codec.read(stored.parts[0].document)
    assert decoded.source.title == slot.source.title
    assert (decoded.source.tempo, decoded.source.tune) == (slot.source.tempo, slot.source.tune)
    assert again.add(decoded.played(decoded.source)) == written
