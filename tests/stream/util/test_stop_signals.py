import select
import signal

from stream.util.stop_signals import stop_signals


def is_readable(file):
    return bool(select.select([file], [], [], 0)[0])


def test_another_signal_wakes_once_and_does_not_stop():
    usual = signal.signal(signal.SIGTSTP, lambda *_: None)
    try:
        with stop_signals() as stop:
            assert not is_readable(stop)
            signal.raise_signal(signal.SIGTSTP)
            assert is_readable(stop)
            stop.clear()
            stop.clear()
            assert not is_readable(stop)
            assert not stop.requested
            signal.raise_signal(signal.SIGTERM)
            assert is_readable(stop)
            assert stop.requested
    finally:
        signal.signal(signal.SIGTSTP, usual)
