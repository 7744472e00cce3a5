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
from stream.play.child_supervisor import RestartPolicy
from stream.play.composer import process, timeouts
from stream.play.composer.phrase_client import PhraseClient
from stream.play.composer.process import composer_command
from stream.play.composer.timeouts import READY_SECONDS


def request(index):
    return PhraseRequest(index, 0, seed=3, controls=Controls(bpm=99.0))


def ask(client, index):
    """Request the phrase of that index, and wait for it."""
    client.request(request(index))
    while not (phrases := receive(client)):
        pass
    return phrases[0]


def receive(client):
    assert select.select([client], [], [], 30)[0]
    return client.receive()


class Clock:
    """Real time, and what a test adds to it."""

    def __init__(self):
        self.added = 0.0

    def __call__(self):
        return time.monotonic() + self.added

    def pass_deadline(self, client):
        """Maintain the client at its deadline."""
        self.added += max(client.deadline - self(), 0.0)
        client.maintain()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client(composer, clock):
    client = PhraseClient(composer(), clock)
    yield client
    client.close()


def test_a_request_gives_a_phrase(client):
    phrase = ask(client, 4)
    assert (phrase.index, phrase.bpm, phrase.seed, client.idle) == (4, 99.0, 3, True)


def test_receive_never_waits(client):
    ask(client, 0)
    assert client.receive() == []


def test_one_that_is_killed_is_replaced_and_the_request_is_sent_again(client):
    ask(client, 0)
    os.kill(client._process.child.pid, signal.SIGKILL)
    client._process.child.wait()
    assert ask(client, 1).index == 1
    assert client.restarts == 1


def kill(client):
    os.kill(client._process.child.pid, signal.SIGKILL)
    client._process.child.wait()
    assert receive(client) == []


def test_one_that_is_killed_while_idle_is_replaced_at_once(client):
    ask(client, 0)
    for _ in range(4):
        kill(client)
        assert client.files() == [client]
        while not client.ready:
            assert receive(client) == []
    assert ask(client, 1).index == 1


def test_one_that_is_killed_at_work_twice_is_replaced_after_a_pause(client):
    ask(client, 0)
    os.kill(client._process.child.pid, signal.SIGSTOP)
    client.request(request(1))
    kill(client)
    assert client.files() == [client]
    kill(client)
    assert client.files() == []


def test_one_that_replaces_another_has_less_time_to_start(client):
    ask(client, 0)
    assert client._timeouts.ready < READY_SECONDS
    kill(client)
    assert client.deadline == client._supervisor.since + client._timeouts.ready


def test_one_that_hangs_is_replaced_and_the_next_has_more_time(composer, clock, monkeypatch):
    monkeypatch.setattr(timeouts, "HANG_SECONDS", 20.0)
    client = PhraseClient(composer("mute"), clock)
    ask(client, 0)
    client.request(request(2))
    given = []
    for hang in range(3):
        given.append(client.deadline - client._supervisor.since)
        clock.pass_deadline(client)
        assert (client.hangs, client.restarts, client.idle) == (hang + 1, hang + 1, False)
        while not client.files():
            clock.pass_deadline(client)
        while not client.ready:
            assert receive(client) == []
    assert given == pytest.approx([20.0, 40.0, 64.0])
    assert client.fault.startswith("the composer did not answer for 6")
    client.close()


def test_with_music_to_repeat_it_is_restarted_without_end(client, clock):
    ask(client, 0)
    client._command = ["/bin/false"]
    os.kill(client._process.child.pid, signal.SIGKILL)
    client.request(request(1))
    pauses = []
    while client.restarts < 5:
        receive(client)
        if not client.files():
            pauses.append(client.deadline - client._supervisor.since)
            clock.pass_deadline(client)
    assert pauses == pytest.approx([1.0, 2.0, 4.0, 8.0])


def test_one_that_is_closed_is_not_restarted(client):
    ask(client, 0)
    client.request(request(1))
    client.close()
    client.maintain()
    assert (client.deadline, client.files(), client.ready) == (None, [], False)


def test_close_leaves_no_child(client):
    ask(client, 0)
    client.close()
    client.close()
    assert client._process.child.returncode == 0


def test_the_child_has_its_own_process_group(client):
    assert os.getpgid(client._process.child.pid) == client._process.child.pid


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("unready", "voice.onnx: no voice; name one that 'perpetuum voices' lists"),
        ("refuse", "--style polka: unknown"),
        ("nonsense", "the composer sent an invalid answer"),
        ("die", "the composer died 3 times without a phrase .exit status 3."),
    ],
)
def test_faults(composer, fault, message):
    client = PhraseClient(composer(fault))
    with pytest.raises(ComposerError, match=message):
        ask(client, 0)
    client.close()


@pytest.mark.parametrize(
    ("kind", "error"),
    [("VoiceError", VoiceError), ("SettingsError", SettingsError), ("Other", ComposerError)],
)
@pytest.mark.parametrize("before", ["", "print('{\"ready\": true}')\n"])
def test_an_error_keeps_its_kind(kind, error, before):
    """A voice that is refused is a mistake of the user: another attempt cannot succeed."""
    told = json.dumps({"error": "v.onnx: refused", "kind": kind})
    client = PhraseClient([sys.executable, "-c", f"{before}print({told!r})"])
    with pytest.raises(error, match=r"v.onnx: refused"):
        ask(client, 0)
    assert (client.restarts, error.exit_code) == (0, 1 if error is ComposerError else 2)
    client.close()


def test_a_voice_that_takes_all_its_time_is_tried_once(composer):
    client = PhraseClient(composer("hog"))
    with pytest.raises(VoiceError, match="the voice takes too long"):
        ask(client, 0)
    assert client.restarts == 0
    client.close()


@pytest.mark.parametrize(
    "code",
    [
        "print('[' * 10**5)",
        "print('{\"a\":' * 10**5)",
        "print('x' * 2 * 10**6, end='')",
        "print(1)",
    ],
)
def test_an_invalid_answer_is_an_error_in_one_line(code):
    client = PhraseClient([sys.executable, "-c", code])
    with pytest.raises(ComposerError, match="the composer sent an invalid answer") as caught:
        list(iter(functools.partial(receive, client), None))
    assert str(caught.value).isprintable()
    client.close()


def test_no_such_program():
    with pytest.raises(ComposerError, match=r"/no/python: No such file"):
        PhraseClient(["/no/python"])


def test_the_command_names_the_voice():
    assert composer_command("v.onnx")[1:] == ["-m", "stream.compose", "v.onnx"]


COUNTING = """
import os, pathlib, sys
memory = open(os.environ["PERPETUUM_HISTORY"], "r+b")
lives = len(memory.read())
memory.write(b"!")
memory.flush()
print(f'{{"error": "life {lives}"}}') if lives == 2 else sys.exit(3)
"""


def test_the_history_outlives_the_composer():
    client = PhraseClient([sys.executable, "-c", COUNTING])
    with pytest.raises(ComposerError, match="life 2"):
        ask(client, 0)
    client.close()


@pytest.mark.parametrize(
    "error", [BlockingIOError(11, "Resource temporarily unavailable"),
              OSError(24, "Too many open files")],
)  # fmt: skip
@pytest.mark.parametrize("cause", ["death", "change"])
def test_a_restart_that_fails_is_tried_again_later(client, composer, monkeypatch, error, cause):
    def none(*_, **__):
        raise error

    ask(client, 0)
    with monkeypatch.context() as patch:
        patch.setattr(process.subprocess, "Popen", none)
        patch.setattr(client._supervisor, "policy", RestartPolicy(longest_pause=0.0))
        if cause == "change":
            client.change(composer())
        else:
            os.kill(client._process.child.pid, signal.SIGKILL)
            client._process.child.wait()
            assert receive(client) == []
        for _ in range(5):
            assert client.files() == []
            assert client.fault.endswith(error.strerror)
            client.maintain()
    client.maintain()
    assert ask(client, 1).index == 1


def test_a_first_start_that_fails_is_an_error(composer, monkeypatch):
    def none(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(process.subprocess, "Popen", none)
    with pytest.raises(ComposerError, match=r"cannot be started: .*temporarily unavailable"):
        PhraseClient(composer())
    monkeypatch.setattr(os, "memfd_create", none)
    with pytest.raises(ComposerError, match="cannot be started: Resource temporarily"):
        PhraseClient(composer())
