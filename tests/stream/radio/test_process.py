"""The radio as the player starts it: a process with a socket."""

import os
import signal
import socket
import urllib.error
import urllib.request

import pytest

from tests.stream.panel.fake_player import free_port
from tests.stream.radio.radio_process import Radio


def status(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 (http)
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def test_the_token_comes_from_the_player():
    with Radio("0.0.0.0") as radio:  # noqa: S104 (with a token)
        playlist = radio.url.replace("mp3", "m3u")
        radio.midi(0xC0, 5)
        assert status(playlist) == 401
        assert status(f"{playlist}?token={radio.token}") == 200
        assert status(f"{playlist}?token={'x' * 32}") == 401


@pytest.mark.parametrize(
    ("host", "remedy", "exit_status"),
    [
        # 1: the player tries again; the address may appear, or its user may leave.
        ("127.0.0.1", "choose another one, such as --radio 127.0.0.1:{next}", 1),
        ("192.0.2.1", "the player tries again", 1),
    ],
)
def test_an_address_that_can_not_be_had(host, remedy, exit_status):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        radio = Radio(host, port)
        notice = radio.wait("notice")
        radio.process.close()
    assert notice.startswith(f"radio: {host}:{port}: ")
    assert remedy.format(next=port % 65535 + 1) in notice
    assert "\n" not in notice


def test_it_ends_with_the_player():
    port = free_port()
    radio = Radio(port=port)
    with radio:
        child = radio.process._child
        pidfd = os.pidfd_open(child.pid)
        radio.process._socket.shutdown(socket.SHUT_RDWR)
        info = os.waitid(os.P_PIDFD, pidfd, os.WEXITED | os.WNOWAIT)
        assert (info.si_code, info.si_status) == (os.CLD_EXITED, 0)
        os.close(pidfd)


def test_ctrl_c_is_for_the_player():
    with Radio() as radio:
        os.kill(radio.process._child.pid, signal.SIGINT)
        assert status(radio.url.replace("mp3", "pls")) == 200


def test_lines_of_junk_are_skipped():
    with Radio() as radio:
        for junk in (b"\xff\n", b"{}\n", b'{"midi":[1,"zz"]}\n', b"x" * 3_000_000 + b"\n"):
            radio.process.send(junk)
        radio.midi(0x05)
        assert status(radio.url.replace("mp3", "pls")) == 200
