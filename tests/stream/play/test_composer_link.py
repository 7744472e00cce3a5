import os
import select
import signal

import pytest

from stream.errors import ComposerError
from stream.note import Controls, PhraseRequest
from stream.play.composer_link import READY_SECONDS, ComposerLink, composer_command


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
    link = ComposerLink(composer())
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
        while not link._ready:
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
    link = ComposerLink(composer(fault))
    with pytest.raises(ComposerError, match=message):
        ask(link, 0)
    link.close()


def test_no_such_program():
    with pytest.raises(ComposerError, match=r"/no/python: No such file"):
        ComposerLink(["/no/python"])


def test_the_command_names_the_voice():
    assert composer_command("v.onnx")[1:] == ["-m", "stream.compose", "v.onnx"]
