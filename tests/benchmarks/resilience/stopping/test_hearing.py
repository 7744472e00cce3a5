"""Notes that sound, found in messages of any length."""

from benchmarks.resilience.stopping.hearing import messages, sounding, starts

PROGRAM, ON, OFF = b"\xc2\x05", b"\x92\x3c\x50", b"\x82\x3c\x00"


def test_messages_are_split_at_their_first_bytes():
    assert messages(b"") == []
    assert messages(PROGRAM + ON + OFF[:2]) == [PROGRAM, ON, OFF[:2]]
    assert starts(PROGRAM + ON + PROGRAM + OFF + ON) == [1, 4]


def test_a_note_sounds_until_its_note_off_has_come_whole():
    assert sounding(PROGRAM + ON) == {(2, 60)}
    assert sounding(PROGRAM + ON + OFF[:2]) == {(2, 60)}
    assert sounding(PROGRAM + ON + OFF) == set()


def test_all_notes_off_ends_the_notes_of_its_channel_only_in_a_sweep():
    data = PROGRAM + ON + b"\x93\x3c\x50" + b"\xb2\x7b\x00"
    assert sounding(data) == {(2, 60), (3, 60)}
    assert sounding(data, sweep=True) == {(3, 60)}
