"""The volume of all channels: what is sent for it, and what is left alone."""

from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from stream.play.sinks.levels import GM_LEVEL, Levels
from stream.play.timing.scheduler import SETUP, TimedMessage
from tests.stream.conftest import off, on


def level(value, channel=0, time=0.0):
    message = Message("control_change", channel=channel, control=7, value=value)
    return TimedMessage(time, SETUP, message, ("lead",))


def sent(timed):
    return [(each.message.channel, each.message.value) for each in timed if hears(each.message)]


def hears(message):
    return message.type == "control_change" and message.control == 7


def test_each_channel_keeps_its_place_beside_the_others():
    levels = Levels()
    for each in (level(100), level(60, channel=1), on(1.0, 60), on(1.0, 64, channel=2)):
        assert levels.passed(each) == (each,)
    assert sent(levels.change(0.5, 2.0)) == [(0, 50), (1, 30), (2, GM_LEVEL // 2)]
    assert sent(levels.passed(level(80, channel=1))) == [(1, 40)]
    assert sent(levels.change(1.0, 3.0)) == [(0, 100), (1, 80), (2, GM_LEVEL)]
    assert levels.change(1.0, 4.0) == ()


def test_a_level_goes_to_the_outputs_of_its_part():
    levels = Levels()
    levels.passed(level(100))
    (told,) = levels.change(0.3, 2.0)
    assert told.roles == ("lead",)
    assert told.time == 2.0


def test_a_channel_that_begins_at_night_is_soft_from_its_first_note():
    levels = Levels()
    assert levels.change(0.25, 0.0) == ()
    first, note = levels.passed(on(1.0, 60, channel=4))
    assert (first.message.channel, first.message.value, first.time) == (4, 25, 1.0)
    assert note == on(1.0, 60, channel=4)
    assert levels.passed(on(2.0, 62, channel=4)) == (on(2.0, 62, channel=4),)


CHANNELS = st.integers(0, 3)
MESSAGES = st.one_of(
    st.builds(on, st.just(0.0), st.integers(0, 127), CHANNELS),
    st.builds(off, st.just(0.0), st.integers(0, 127), CHANNELS),
    st.builds(level, st.integers(0, 127), CHANNELS),
)


@given(st.lists(MESSAGES))
def test_full_volume_changes_no_byte(messages):
    levels = Levels()
    passed = [each for timed in messages for each in levels.passed(timed)]
    assert passed == messages
    assert levels.change(1.0, 1.0) == ()


@given(st.lists(MESSAGES | st.floats(0, 1)))
def test_every_note_begins_at_the_level_of_its_channel(events):
    """What a synthesizer holds is, at each note, the share of the channel's own level."""
    levels, held, own = (
        Levels(),
        dict.fromkeys(range(4), GM_LEVEL),
        dict.fromkeys(range(4), GM_LEVEL),
    )
    for event in events:
        if isinstance(event, float):
            out = levels.change(event, 0.0)
        else:
            out = levels.passed(event)
            if hears(event.message):
                own[event.message.channel] = event.message.value
        for timed in out:
            if hears(timed.message):
                held[timed.message.channel] = timed.message.value
            elif timed.message.type == "note_on":
                channel = timed.message.channel
                assert held[channel] == round(levels.share * own[channel])
