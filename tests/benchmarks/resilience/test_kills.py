from benchmarks.resilience.kills import differing

ONE, TWO, PROGRAM = b"\x90\x3c\x50", b"\x91\x40\x50", b"\xc1\x07"


def test_the_order_of_channels_makes_no_difference():
    assert differing([PROGRAM, ONE, TWO, ONE], [ONE, ONE, PROGRAM, TWO]) == 0


def test_bytes_after_the_first_difference_of_a_channel_are_counted():
    assert differing([PROGRAM, ONE, TWO], [PROGRAM, TWO]) == 3
    assert differing([TWO, PROGRAM], [PROGRAM, TWO]) == 10
