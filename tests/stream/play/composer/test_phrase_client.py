import functools
import json
import os
import select
import signal
import sys
import time

import pytest

from stream.errors import ComposerError, SettingsError, VoiceError
from stream.music.note import Controls, PhraseRequest
from stream.play.composer import client as composer_link
from stream.play.composer import process
from stream.play.composer.client import READY_SECONDS
from stream.play.composer.phrase_client import PhraseClient
from stream.play.composer.process import composer_command


def request(index):
    return PhraseRequest(index, 0, seed=3, controls=Controls(bpm=99.0))


def ask(link, index):
    """The phrase of that index, waited for."""
    link.request(request(index))
    while not (phrases := receive(link)):
        pass
    return phrases[0]


def receive(link):
    assert select.select([link], [], [], 30)[0]
    return link.receive()


@pytest.fixture
def link(composer):
    link = PhraseClient(composer())
    yield link
    link.close()


def test_a_request_gives_a_phrase(link):
    phrase = ask(link, 4)
    assert (phrase.index, phrase.bpm, phrase.seed, link.idle) == (4, 99.0, 3, True)


def test_receive_never_waits(link):
    ask(link, 0)
    assert link.receive() == []


def test_killed_it_is_restarted_and_asked_again(link):
    ask(link, 0)
    os.kill(link._child.pid, signal.SIGKILL)
    link._child.wait()
    assert ask(link, 1).index == 1
    assert link.restarts == 1


def kill(link):
    os.kill(link._child.pid, signal.SIGKILL)
    link._child.wait()
    assert receive(link) == []


def test_killed_while_idle_it_is_there_again_at_once(link):
    ask(link, 0)
    for _ in range(4):
        kill(link)
        assert link.files() == [link]
        while not link.ready:
            assert receive(link) == []
    assert ask(link, 1).index == 1


def test_killed_at_work_it_pauses(link):
    ask(link, 0)
    os.kill(link._child.pid, signal.SIGSTOP)
    link.request(request(1))
    kill(link)
    assert link.files() == [link]
    kill(link)
    assert link.files() == []


def test_one_that_replaces_another_has_no_minute_to_start(link):
    ask(link, 0)
    assert link._ready_patience < READY_SECONDS
    kill(link)
    assert link.deadline == link._asked + link._ready_patience


def test_one_that_hangs_is_replaced_and_the_next_given_more_time(composer, monkeypatch):
    monkeypatch.setattr(composer_link, "HANG_SECONDS", 0.2)
    link = PhraseClient(composer("mute"))
    ask(link, 0)
    link.request(request(2))
    given = []
    for hang in range(3):
        given.append(link.deadline - time.monotonic())
        time.sleep(given[-1])
        link.tend()
        assert (link.hangs, link.restarts, link.idle) == (hang + 1, hang + 1, False)
        while not link.files() or not select.select([link], [], [], 0)[0]:
            link.tend()
        link.receive()
    assert given == pytest.approx([0.2, 0.4, 0.8], abs=0.05)
    assert link.fault.startswith("the composer said nothing for 0.")
    link.close()


def test_once_there_was_music_it_is_started_again_for_ever(link):
    ask(link, 0)
    link._command = ["/bin/false"]
    os.kill(link._child.pid, signal.SIGKILL)
    link.request(request(1))
    pauses = []
    while link.restarts < 5:
        receive(link)
        if not link.files():
            pauses.append(link.deadline - time.monotonic())
            link.deadline = 0.0
            link.tend()
    assert pauses == pytest.approx([1.0, 2.0, 4.0, 8.0], abs=0.1)


def test_close_leaves_no_child(link):
    ask(link, 0)
    link.close()
    link.close()
    assert link._child.returncode == 0


def test_the_child_has_its_own_process_group(link):
    assert os.getpgid(link._child.pid) == link._child.pid


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("unready", "voice.onnx: no voice; name one that 'perpetuum voices' lists"),
        ("refuse", "--style polka: unknown"),
        ("nonsense", "the composer answers nonsense"),
        ("die", "the composer died 3 times without a phrase .exit status 3."),
    ],
)
def test_faults(composer, fault, message):
    link = PhraseClient(composer(fault))
    with pytest.raises(ComposerError, match=message):
        ask(link, 0)
    link.close()


@pytest.mark.parametrize(
    ("kind", "error"),
    [("VoiceError", VoiceError), ("SettingsError", SettingsError), ("Other", ComposerError)],
)
@pytest.mark.parametrize("before", ["", "print('{\"ready\": true}')\n"])
def test_an_error_keeps_its_kind(kind, error, before):
    """A voice that is refused is a mistake of the user's: no other try goes better."""
    told = json.dumps({"error": "v.onnx: refused", "kind": kind})
    link = PhraseClient([sys.executable, "-c", f"{before}print({told!r})"])
    with pytest.raises(error, match=r"v.onnx: refused"):
        ask(link, 0)
    assert (link.restarts, error.exit_code) == (0, 1 if error is ComposerError else 2)
    link.close()


def test_a_voice_that_takes_all_its_time_is_tried_but_once(composer):
    link = PhraseClient(composer("hog"))
    with pytest.raises(VoiceError, match="the voice takes too long"):
        ask(link, 0)
    assert link.restarts == 0
    link.close()


@pytest.mark.parametrize(
    "code",
    [
        "print('[' * 10**5)",
        "print('{\"a\":' * 10**5)",
        "print('x' * 2 * 10**6, end='')",
        "print(1)",
    ],
)
def test_whatever_a_composer_says_is_an_error_in_one_line(code):
    link = PhraseClient([sys.executable, "-c", code])
    with pytest.raises(ComposerError, match="the composer answers nonsense") as caught:
        list(iter(functools.partial(receive, link), None))
    assert str(caught.value).isprintable()
    link.close()


def test_no_such_program():
    with pytest.raises(ComposerError, match=r"/no/python: No such file"):
        PhraseClient(["/no/python"])


def test_the_command_names_the_voice():
    assert composer_command("v.onnx")[1:] == ["-m", "stream.compose", "v.onnx"]


COUNTING = """
import os, pathlib, sys
memory = open(os.environ["PERPETUUM_HEARD"], "r+b")
lives = len(memory.read())
memory.write(b"!")
memory.flush()
print(f'{{"error": "life {lives}"}}') if lives == 2 else sys.exit(3)
"""


def test_what_was_heard_outlives_the_composer():
    link = PhraseClient([sys.executable, "-c", COUNTING])
    with pytest.raises(ComposerError, match="life 2"):
        ask(link, 0)
    link.close()


@pytest.mark.parametrize(
    "error", [BlockingIOError(11, "Resource temporarily unavailable"),
              OSError(24, "Too many open files")],
)  # fmt: skip
@pytest.mark.parametrize("way", ["death", "change"])
def test_where_no_process_can_be_had_it_is_started_later(link, composer, monkeypatch, error, way):
    def none(*_, **__):
        raise error

    ask(link, 0)
    with monkeypatch.context() as patch:
        patch.setattr(process.subprocess, "Popen", none)
        patch.setattr(composer_link, "PAUSE_SECONDS", 0.0)
        if way == "change":
            link.change(composer())
        else:
            os.kill(link._child.pid, signal.SIGKILL)
            link._child.wait()
            assert receive(link) == []
        for _ in range(5):
            assert link.files() == []
            assert link.fault.endswith(error.strerror)
            link.tend()
    link.deadline = 0.0
    link.tend()
    assert ask(link, 1).index == 1


def test_where_no_process_can_be_had_at_the_start_that_is_an_error(composer, monkeypatch):
    def none(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(process.subprocess, "Popen", none)
    with pytest.raises(ComposerError, match=r"can not be started: .*temporarily unavailable"):
        PhraseClient(composer())
    monkeypatch.setattr(os, "memfd_create", none)
    with pytest.raises(ComposerError, match="can not be started: Resource temporarily"):
        PhraseClient(composer())
