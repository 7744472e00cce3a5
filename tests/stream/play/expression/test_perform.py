"""What must hold for the performance of any phrase, and what each rule does."""

import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.ensembles.ensemble import load, names
from stream.music.note import Controls, Note, Phrase, phrase_from_json, to_json
from stream.play.expression.articulation import punctuation, repetition
from stream.play.expression.explain import contributions
from stream.play.expression.level import high_loud, louder, metrical_accent, phrase_arch
from stream.play.expression.passage import Passage
from stream.play.expression.perform import performed
from stream.play.expression.swing import swing_ratio
from stream.play.expression.timing import contrast, duration_contrast, final_ritard
from stream.play.expression.timing import phrase_arch as tempo_arch
from stream.play.queue.arrange import arranged
from stream.play.queue.routing import routed
from stream.play.timing.scheduler import performed_notes

LEAD, CHORDS, BASS, DRUMS = 0, 5, 6, 9
KICK = 36
ENSEMBLES = {name: routed(load(name), ("lead",), {}) for name in names()}


def phrase(*notes, length=768, closing=False, ensemble="jazz", bar=192):
    return Phrase(
        tuple(sorted(notes, key=lambda note: note.onset)), length, 120.0, 0, 0, "s", "v", 1,
        bar=bar, closing=closing, ensemble=ensemble, roles=("lead",),
    )  # fmt: skip


@st.composite
def phrases(draw):
    """A phrase of several parts on a grid of sixteenths, with learnt offsets of the drums."""
    length = draw(st.sampled_from([768, 576, 384, 192, 300]))
    frames = st.integers(0, (length - 1) // 12)
    notes = []
    for part, pitches in ((LEAD, (60, 84)), (CHORDS, (50, 60)), (BASS, (36, 48))):
        for frame in draw(st.lists(frames, max_size=20)):
            duration = draw(st.integers(1, 60))
            pitch = draw(st.integers(*pitches))
            notes.append(Note(12 * frame, duration, pitch, draw(st.integers(1, 127)), part))
    for frame in draw(st.lists(frames, max_size=20)):
        offset = draw(st.integers(-59, 59))
        notes.append(Note(12 * frame, 6, draw(st.sampled_from([KICK, 42])), 90, DRUMS, offset))
    name = draw(st.sampled_from(sorted(ENSEMBLES)))
    return phrase(*notes, length=length, closing=draw(st.booleans()), ensemble=name)


CONTROLS = st.builds(
    Controls,
    bpm=st.sampled_from([20.0, 60.0, 97.3, 120.0, 300.0]),
    swing=st.sampled_from([0.0, 0.33, 0.75]),
    expression=st.sampled_from([0.0, 0.3, 1.0, 2.0]),
)


def sound(source, controls, begin=0, finish=None):
    finish = source.length if finish is None else finish
    return arranged(source, begin, finish, controls, None, ENSEMBLES[source.ensemble])


def milliseconds(tenths, bpm):
    return tenths * 60_000 / (bpm * 480)


@given(phrases(), CONTROLS)
def test_without_expression_the_grid_is_played(source, controls):
    controls = dataclasses.replace(controls, expression=0.0, swing=0.0)
    assert performed_grid(sound(source, controls)) == performed_grid(
        dataclasses.replace(sound(source, controls), notes=grid(source))
    )


def grid(source):
    """The notes that sound, as composed, by channel."""
    channels = {0: "lead", 5: "comping", 6: "bass", 9: "drums"}
    parts = ENSEMBLES[source.ensemble].parts
    return tuple(
        dataclasses.replace(note, channel=parts[channels[note.channel]].channel - 1, offset=0)
        for note in source.notes
        if channels[note.channel] in parts
    )


def performed_grid(sounding):
    """Onset, end, velocity and channel of each note; pitches are moved into ranges."""
    found = [
        (note.played_onset, min(note.played_end, sounding.length * 10), note.velocity, note.channel)
        for note in sounding.notes
    ]
    return sorted(found)


@given(phrases(), CONTROLS)
def test_the_length_stays_and_every_note_sounds_within_it(source, controls):
    out = sound(source, controls)
    assert out.length == sound(source, dataclasses.replace(controls, expression=0.0)).length
    assert controls.swing or out.length == source.length
    for note in out.notes:
        assert 0 <= note.played_onset < note.played_end <= out.length * 10
        assert abs(note.offset) <= 480
        assert 1 <= note.velocity <= 127
    for _, onset, end in performed_notes(out.notes, out.length):
        assert 0 <= onset < end <= out.length * 10


@given(phrases(), CONTROLS)
def test_the_order_of_each_part_is_kept(source, controls):
    for channel in (LEAD, CHORDS):
        touches = [
            (note.onset, touch.onset)
            for note, touch in zip(
                source.notes,
                performed(source, controls, ENSEMBLES[source.ensemble]),
                strict=True,
            )
            if note.channel == channel
        ]
        for (one, first), (other, second) in itertools.pairwise(sorted(touches)):
            assert first == second if one == other else first <= second


@given(phrases(), CONTROLS)
def test_bass_and_kick_are_together(source, controls):
    touches = performed(source, controls, ENSEMBLES[source.ensemble])
    pairs = list(zip(source.notes, touches, strict=True))
    kicks = {n.onset: t.onset for n, t in pairs if n.channel == DRUMS and n.pitch == KICK}
    for note, touch in pairs:
        if note.channel == BASS and note.onset in kicks and controls.expression:
            apart = touch.onset - kicks[note.onset]
            # Kicks struck together with other offsets: the bass is with the last of them.
            assert abs(milliseconds(apart, controls.bpm)) <= 5.0


@given(phrases(), CONTROLS)
def test_a_performance_travels_between_the_processes(source, controls):
    out = sound(source, controls)
    assert phrase_from_json(to_json(out)) == out
    assert phrase_from_json(to_json(source)) == source


@settings(deadline=None)
@given(phrases(), CONTROLS, st.floats(0.0, 1.0))
def test_two_parts_have_the_notes_of_the_whole(source, controls, share):
    tick = min(max(round(share * source.length), 1), source.length - 1)
    controls = dataclasses.replace(controls, swing=0.0)
    whole = sound(source, controls)
    head, tail = sound(source, controls, 0, tick), sound(source, controls, tick)
    assert head.length + tail.length == whole.length
    assert len(head.notes) + len(tail.notes) == len(whole.notes)
    assert all(0 <= note.played_onset < tick * 10 for note in head.notes)


def test_a_phrase_without_an_ensemble_is_not_touched():
    source = phrase(*(Note(24 * i, 24, 60 + i) for i in range(8)), ensemble="")
    assert arranged(source, 0, 768, Controls(expression=2.0)).notes == source.notes


def test_swing_is_exact():
    source = phrase(Note(0, 24, 60), Note(24, 24, 62), ensemble="folk", length=192)
    controls = Controls(swing=0.33, expression=0.0)
    assert [n.played_onset for n in sound(source, controls).notes] == [0, 240 + 79]


@pytest.mark.parametrize(
    ("bpm", "ratio"), [(60.0, 3.0), (100.0, 3.0), (200.0, 2.0), (300.0, 1.0), (400.0, 1.0)]
)
def test_swing_falls_with_the_tempo(bpm, ratio):
    assert swing_ratio(bpm) == pytest.approx(ratio)
    source = phrase(Note(24, 24, 62), length=48, bar=48)
    (touch,) = performed(source, Controls(bpm=bpm), ENSEMBLES["jazz"])
    long, short = touch.onset, 480 - touch.onset
    assert long / short == pytest.approx(ratio, abs=0.1)
    (straight,) = performed(source, Controls(bpm=bpm), ENSEMBLES["folk"])
    assert straight.onset == pytest.approx(240, abs=1)


def test_drums_keep_their_own_swing_and_a_steady_pulse():
    notes = [Note(24 * i, 12, 42, 90, DRUMS, -7) for i in range(32)]
    touches = performed(phrase(*notes), Controls(), ENSEMBLES["jazz"])
    assert [t.onset for t in touches] == [240 * i - 7 for i in range(32)]
    assert {t.decibels for t in touches} == {0.0}


PLAIN = phrase(*(Note(48 * i, 48, 60) for i in range(16)), ensemble="strings")


def test_the_phrase_arch_is_slow_at_both_ends():
    moved = [tempo_arch(Passage(PLAIN, 120.0))(48 * i) for i in range(17)]
    assert [moved[0], moved[16]] == pytest.approx([0.0, 0.0])
    lengths = [480 + later - first for first, later in itertools.pairwise(moved)]
    assert min(lengths) < 480 < lengths[0] < lengths[-1]
    assert max(map(abs, moved)) < 40.5  # 40 ms at 120 quarter notes a minute
    level = phrase_arch(Passage(PLAIN, 120.0))
    assert [level(PLAIN.notes[i]) for i in (0, 8)] == [-1.0, 0.0]


def test_the_final_ritard_ends_in_time():
    assert final_ritard(Passage(PLAIN, 120.0))(700) == 0.0
    closing = dataclasses.replace(PLAIN, closing=True)
    moved = [final_ritard(Passage(closing, 120.0))(tick) for tick in range(0, 769, 12)]
    assert moved[-1] == pytest.approx(0.0)
    assert not any(moved[: (768 - 125) // 12])
    assert min(moved) < -30.0
    last = moved[-8:]
    # Each sixteenth is longer than the one before.
    lengths = [later - first for first, later in itertools.pairwise(last)]
    assert lengths == sorted(lengths)


def test_duration_contrast_shortens_short_notes_and_keeps_the_bar():
    assert [contrast(ms) for ms in (30, 115, 200, 300, 400, 500, 600, 900)] == pytest.approx(
        [0, -5.5, -11, -9, -7, -3.5, 0, 0]
    )
    source = phrase(Note(0, 36, 60), Note(36, 12, 60), Note(48, 144, 60), length=192)
    moved = duration_contrast(Passage(source, 120.0))
    assert [moved(0), moved(192)] == pytest.approx([0.0, 0.0])
    assert 12 * 10 + moved(48) - moved(36) < 120


def test_high_notes_and_first_beats_are_louder():
    source = phrase(Note(0, 24, 56), Note(24, 24, 64), length=192)
    level, accent = high_loud(Passage(source, 120.0)), metrical_accent(Passage(source, 120.0))
    assert [level(note) for note in source.notes] == [-1.0, 1.0]
    assert [accent(note) for note in source.notes] == [0.6, -0.3]
    assert (louder(80, 0.0), louder(80, 1.0), louder(126, 6.0), louder(1, -9.0)) == (80, 85, 127, 1)


def test_the_melody_breathes():
    notes = [Note(0, 24, 60), Note(24, 24, 60), Note(48, 24, 72), Note(72, 120, 72)]
    passage = Passage(phrase(*notes, length=192), 120.0)
    repeated, ended = repetition(passage), punctuation(passage)
    assert [round(repeated(note)) for note in notes] == [24, 0, 24, 0]
    assert [round(ended(note)) for note in notes] == [0, 36, 0, 58]


def test_the_rules_are_explained():
    source = phrase(*(Note(24 * i, 24, 60 + i) for i in range(32)), closing=True)
    facts = {each.rule: each for each in contributions(source, Controls(), ENSEMBLES["jazz"])}
    assert set(facts) == {
        "swing by tempo", "phrase arch", "final ritard", "duration contrast", "high loud",
        "metrical accent", "punctuation", "repetition", "learnt timing of drums", "bass with kick",
    }  # fmt: skip
    assert facts["final ritard"].milliseconds > 10
    assert facts["high loud"].decibels > 1
    assert not any(
        each.milliseconds or each.decibels
        for each in contributions(source, Controls(expression=0.0), ENSEMBLES["jazz"])
    )
