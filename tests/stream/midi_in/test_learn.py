"""A knob is detected by what it sends; one that is unsuitable is refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import InputError
from stream.midi_in.learn import SURE, Learner


def cc(number, value, channel=1):
    return bytes([0xB0 | channel - 1, number, value])


def meant(control, *messages):
    learner = Learner(control)
    return [found for data in messages if (found := learner.message(data))][:1]


def test_a_knob_is_known_by_its_third_value():
    assert meant("bpm", cc(7, 1), cc(7, 1), cc(7, 2), cc(9, 3, 5), cc(7, 3)) == [(7, 1)]


def test_a_button_is_no_knob():
    assert meant("bpm", *(cc(7, value) for value in (127, 0) * 20)) == []


def test_a_button_is_known_when_it_is_pressed():
    assert meant("next", cc(7, 0), cc(8, 127, channel=16)) == [(8, 16)]


def test_a_knob_of_14_bits_is_known_by_its_upper_seven():
    fine = [data for k in range(9) for data in (cc(16, 60), cc(48, k * 10))]
    assert meant("bpm", *fine) == [(16, 1)]


def test_other_messages_are_ignored():
    noise = [b"\x90\x07\x40", b"\xe0\x00\x01", b"\xf8", b"\xb0", b"\xb0\x7b\x00", b""]
    assert meant("next", *noise) == []


def test_a_controller_that_is_no_lower_half_keeps_its_number():
    turned = [cc(81, value) for value in (10, 20, 30)]
    assert meant("bpm", cc(49, 64), *turned) == [(81, 1)]


@given(st.integers(0, 97), st.integers(0, 97))
def test_only_a_lower_half_goes_by_another_number(touched, moved):
    if touched == moved:
        return
    found = meant("bpm", cc(touched, 64), *(cc(moved, value) for value in (20, 30, 40)))
    is_half = moved in range(32, 64) and touched == moved - 32
    assert found == [(touched if is_half else moved, 1)]


def test_an_upper_half_on_another_channel_is_another_knob():
    assert meant("bpm", cc(16, 60, 2), *(cc(48, k) for k in (20, 30, 40))) == [(48, 1)]


def nrpn(value, *, first=99, second=98, data=6):
    return [cc(first, 1), cc(second, 20), cc(data, value)]


@pytest.mark.parametrize("control", ["bpm", "next"])
@pytest.mark.parametrize("form", [{}, {"first": 101, "second": 100}, {"data": 96}, {"data": 38}])
def test_a_parameter_is_refused(control, form):
    messages = [data for value in (70, 80, 90) for data in nrpn(value, **form)]
    with pytest.raises(InputError, match=r"a parameter .NRPN or RPN. on channel 1.*a control chan"):
        meant(control, *messages)


def test_parameters_whose_numbers_differ_are_no_knobs():
    """Three knobs are turned a little: what differs are the numbers of the parameters."""
    learner = Learner("bpm")
    for number in (10, 20, 30):
        assert learner.message(cc(99, number)) is learner.message(cc(98, 70 + number)) is None
    assert learner.message(cc(7, 20)) is learner.message(cc(7, 30)) is None
    assert learner.message(cc(7, 40)) == (7, 1)


def test_a_keyboard_that_sets_its_bend_range_is_no_obstacle():
    """As many do when they are switched on: they choose a parameter, and none again."""
    sets = [cc(101, 0), cc(100, 0), cc(6, 2), cc(38, 0), cc(101, 127), cc(100, 127)]
    assert meant("bpm", *sets, *(cc(6, value) for value in (20, 30, 40))) == [(6, 1)]
    assert meant("next", *sets, cc(20, 127)) == [(20, 1)]


WAYS = {"two's complement": (1, 127, 1), "around 64": (65, 63, 1), "a bit": (1, 65, -1)}


@pytest.mark.parametrize("way", WAYS)
@given(st.lists(st.sampled_from([1, 1, 1, 2, -1, -1, 3, -2]), min_size=5 * SURE, max_size=60))
def test_a_relative_knob_is_refused(way, steps):
    """It is turned slowly at first."""
    up, down, sign = WAYS[way]
    sent = [
        cc(7, up + step - 1 if step > 0 else down + sign * (step + 1)) for step in [1, 1, 1, *steps]
    ]
    with pytest.raises(InputError, match=r"controller 7 on channel 1 sends steps, not positions"):
        meant("bpm", *sent)


@pytest.mark.parametrize("turned", [(1, 127, 2), (65, 65, 66, 63), (65, 62, 66), (1, 65, 2)])
def test_a_relative_knob_that_jumps_back_is_not_taken_for_a_fader(turned):
    learner = Learner("bpm")
    assert [learner.message(cc(7, value)) for value in turned] == [None] * len(turned)
    sent = ", ".join(map(str, sorted(set(turned))))
    assert learner.doubt.startswith(
        f"controller 7 on channel 1 sends steps, not positions ({sent}): "
    )


@pytest.mark.parametrize("turned", [(70, 66, 62, 58, 54, 50, 46), (58, 63, 66, 71, 77, 80)])
def test_a_knob_that_is_moved_fast_over_its_middle_is_learned_a_little_later(turned):
    assert meant("bpm", *(cc(7, value) for value in turned)) == [(7, 1)]


@given(st.integers(40, 87), st.sampled_from([-1, 1]), st.data())
def test_a_knob_that_sends_positions_is_learned(start, direction, data):
    """It starts anywhere, and its value trembles."""
    position, sent = start, []
    for _ in range(40):
        tremble = data.draw(st.sampled_from([0, 0, 0, -1]))
        position += direction
        sent.append(cc(7, position + tremble))
    assert meant("bpm", *sent) == [(7, 1)]
