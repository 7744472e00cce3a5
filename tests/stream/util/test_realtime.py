import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from stream.util.realtime import NICENESS, SLACK_FILE, clock_priority, lower_priority, note_priority


def state():
    return os.sched_getscheduler(0), os.sched_getparam(0).sched_priority, SLACK_FILE.read_text()


def child(program):
    return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)


def test_everything_is_put_back():
    before = state()
    with note_priority():
        assert int(SLACK_FILE.read_text()) <= 1
    assert state() == before


def test_what_is_started_inside_is_an_ordinary_process():
    with note_priority(), child("input()") as process:
        assert os.sched_getscheduler(process.pid) == os.SCHED_OTHER
        process.communicate(b"\n")


def test_who_hears_a_clock_comes_behind_the_notes_and_so_do_its_threads():
    before = state()
    with ThreadPoolExecutor() as pool:
        with note_priority():
            notes = state()
        with clock_priority():
            clock = state()
            assert pool.submit(state).result() == clock
        if notes[1]:  # the account has the right
            assert before[1] < clock[1] < notes[1]
    assert state() == before


def test_a_process_stands_back():
    with child("input()") as process:
        lower_priority(process.pid)
        lower_priority(process.pid)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == NICENESS
        process.communicate(b"\n")


def test_refused_wishes_are_no_error(monkeypatch, tmp_path):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr("stream.util.realtime.SLACK_FILE", tmp_path / "none" / "slack")
    before = state()
    with note_priority():
        assert state() == before
