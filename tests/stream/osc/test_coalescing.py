from stream.osc.coalescing import BATCH_SECONDS, MOST_SENDERS, CoalescingQueue


def taken(backlog, now):
    return [entry.command for entry in backlog.pop_due(now)]


def test_the_first_goes_at_once_and_of_a_flood_the_last():
    backlog = CoalescingQueue()
    assert backlog.deadline() is None
    backlog.put({"set": {"bpm": 90}}, "a")
    assert taken(backlog, 10.0) == [{"set": {"bpm": 90}}]
    for bpm in range(100, 200):
        backlog.put({"set": {"bpm": bpm}}, "a")
    backlog.put({"set": {"swing": 0.1}}, "a")
    assert taken(backlog, 10.0) == []
    assert backlog.deadline() == 10.0 + BATCH_SECONDS
    assert taken(backlog, backlog.deadline()) == [{"set": {"bpm": 199, "swing": 0.1}}]
    assert taken(backlog, 99.0) == []


def test_kinds_keep_the_order_in_which_they_were_asked_for_last():
    backlog = CoalescingQueue()
    for command in (
        {"play": True},
        {"cc": {"cutoff": 1}},
        {"next": True},
        {"cc": {"71": 2}},
        {"out": ["null"]},
        {"play": False},
        {"out": ["port"]},
    ):
        backlog.put(command, "a")
    assert taken(backlog, 0.0) == [
        {"next": True},
        {"cc": {"cutoff": 1, "71": 2}},
        {"play": False},
        {"out": ["port"]},
    ]


def test_a_command_knows_who_asked_for_it():
    backlog = CoalescingQueue()
    for sender in ("a", "b", "a"):
        backlog.put({"next": True}, sender)
    assert [entry.senders for entry in backlog.pop_due(0.0)] == [["a", "b"]]
    for sender in range(1000):
        backlog.put({"next": True}, sender)
    assert [entry.senders for entry in backlog.pop_due(1.0)] == [
        [*range(1000 - MOST_SENDERS, 1000)]
    ]


def test_what_was_put_is_not_changed():
    command = {"set": {"bpm": 90}}
    backlog = CoalescingQueue()
    backlog.put(command, "a")
    backlog.put({"set": {"low": 1}}, "a")
    assert command == {"set": {"bpm": 90}}


def test_stars_for_one_tune_are_not_mixed_with_those_for_another():
    backlog = CoalescingQueue()
    for stars in (4, {"stars": 3, "tune": 1}, 5, {"stars": 2, "tune": 2}):
        backlog.put({"stars": stars}, "a")
    assert taken(backlog, 0.0) == [{"stars": {"stars": 2, "tune": 2}}]
