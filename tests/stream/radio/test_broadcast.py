from stream.radio.broadcast import LONGEST_SECONDS, MOST_LISTENERS, Broadcast
from stream.radio.renderer import BLOCK_SECONDS, Block


def test_a_slow_listener_is_dropped_and_the_others_go_on():
    broadcast, aborted = Broadcast(), []
    slow = broadcast.join(lambda: aborted.append("slow"))
    fast = broadcast.join(lambda: aborted.append("fast"))
    most = round(LONGEST_SECONDS / BLOCK_SECONDS)
    for number in range(most):
        broadcast.push(Block(b"%d" % number, ""))
        assert fast._queue.get_nowait().sound == b"%d" % number
    assert aborted == []
    broadcast.push(Block(b"one too many", ""))
    assert aborted == ["slow"]
    broadcast.leave(slow)
    broadcast.push(Block(b"more", ""))
    assert [fast._queue.get_nowait().sound for _ in range(2)] == [b"one too many", b"more"]
    assert aborted == ["slow"]


def test_there_is_an_end_to_listeners():
    broadcast = Broadcast()
    listeners = [broadcast.join(None) for _ in range(MOST_LISTENERS)]
    assert broadcast.full
    broadcast.leave(listeners[0])
    broadcast.leave(listeners[0])
    assert not broadcast.full
    assert len(broadcast) == MOST_LISTENERS - 1


def test_forgotten_blocks_are_not_sent():
    broadcast = Broadcast()
    broadcast.push(Block(b"old", ""))
    broadcast.forget()
    broadcast.push(Block(b"new", ""))
    assert broadcast.join(None)._queue.get_nowait().sound == b"new"
