import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import SettingsError
from stream.midi_in.map_writer import with_entry
from stream.midi_in.mapping import ControlChangeEntry, parse
from stream.midi_in.targets import ACTIONS, PARTS, RANGED

MAP = """# My box.

[[cc]]
number = 74
control = "temperature"
low = 0.5   # calm

# Below: the buttons.
[[cc]]
number = 41
control = "next"
channel = 3

[[program]]
number = 0
voice = "commons"
"""


def test_an_empty_map():
    text, entry = with_entry("", "bpm", 7, 2)
    assert text == '[[cc]]\nnumber = 7\ncontrol = "bpm"\nchannel = 2\n'
    assert entry == ControlChangeEntry(7, "bpm", 2, 20, 300)


def test_a_control_takes_its_range_to_another_knob():
    text, entry = with_entry(MAP, "temperature", 20, 1)
    assert entry == ControlChangeEntry(20, "temperature", 1, 0.5, 3)
    assert text == (
        '# My box.\n\n# Below: the buttons.\n[[cc]]\nnumber = 41\ncontrol = "next"\nchannel = 3\n\n'
        '[[program]]\nnumber = 0\nvoice = "commons"\n\n'
        '[[cc]]\nnumber = 20\ncontrol = "temperature"\nchannel = 1\nlow = 0.5\n'
    )


def test_a_knob_moves_one_thing():
    assert parse(with_entry(MAP, "bpm", 74, 9)[0], "m").control_changes == (
        ControlChangeEntry(41, "next", 3),
        ControlChangeEntry(74, "bpm", 9, 20, 300),
    )
    assert len(parse(with_entry(MAP, "bpm", 41, 4)[0], "m").control_changes) == 3


@pytest.mark.parametrize(
    "text",
    [
        'cc = [{number = 1, control = "bpm"}]',
        '[[program]]\nnumber = 1\nvoice = """\n[x"""\n',
    ],
)
def test_a_map_in_another_style_is_not_damaged(text):
    with pytest.raises(
        SettingsError, match=r"to learn, write each control change as an entry \[\[cc\]\]"
    ):
        with_entry(text, "next", 3, 1)


controls = st.sampled_from([*ACTIONS, *RANGED, *PARTS, "style:bach/jazz", "ensemble:folk/band"])


@given(st.lists(st.tuples(controls, st.integers(0, 119), st.integers(1, 16))))
def test_every_entry_that_is_learned_is_in_the_map(lessons):
    text = ""
    for control, number, channel in lessons:
        text, entry = with_entry(text, control, number, channel)
        known = parse(text, "m").control_changes
        assert entry in known
        assert [c for c in known if c.control == control] == [entry]
        assert [c for c in known if (c.number, c.channel) == (number, channel)] == [entry]


def test_comments_stay_with_what_they_stand_above():
    first = '# My box.\n[[cc]]\nnumber = 1\ncontrol = "bpm"\n\n'
    second = '# The knob on the left,\n  # a red one.\n[[cc]]\nnumber = 2\ncontrol = "next"\n\n'
    third = '# Sounds:\n[[program]]\nnumber = 0\nstyle = "a"\n'
    entry = '\n[[cc]]\nnumber = 3\ncontrol = "{}"\nchannel = 1\n'
    text = first + second + third
    learned, _ = with_entry(text, "bpm", 3, 1)
    assert learned == "# My box.\n" + second + third + entry.format("bpm")
    learned, _ = with_entry(text, "next", 3, 1)
    assert learned == first + third + entry.format("next")
