"""The radio on the panel's address: both processes, as the player runs them."""

import os
import re
import urllib.error
import urllib.request

import pytest

from stream.radio.access_token import kept_token, token_folder
from tests.stream.panel.fake_player import FakePlayer, free_port
from tests.stream.radio.radio_process import Radio, decoded, is_loud


@pytest.fixture(autouse=True)
def token(tmp_path_factory):
    """The token of a state folder of its own, in which both processes look for it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY"):
            patch.delenv(name, raising=False)
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield kept_token(token_folder())


@pytest.fixture
def radio():
    with Radio() as radio:
        radio.title("folk: jig")
        radio.hold()
        yield radio


@pytest.fixture
def panel(radio):
    """Makes a panel that knows of the radio."""
    players = []

    def made(host):
        settings = {"state": os.environ["XDG_STATE_HOME"]}
        player = FakePlayer(f"{host}:{free_port()}", settings=settings)
        players.append(player)
        assert player.notice
        port = re.search(r":(\d+)", player.notice.removeprefix("panel: http://"))[1]
        player.say(outputs=["null", f"radio:{radio.address}=lead,bass"])
        return player, f"http://127.0.0.1:{port}"

    yield made
    for player in players:
        player.close()


def get(url, **headers):
    """Status and text."""
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 (http)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def until_known(url):
    """Wait until the panel has heard of the radio."""
    while get(url)[0] == 404:
        pass


def test_the_stream_is_passed_on(panel):
    _, url = panel("127.0.0.1")
    until_known(f"{url}/radio.m3u")
    assert is_loud(decoded("-i", f"{url}/radio.mp3", seconds=3)[4410:])


def test_titles_are_passed_on_to_those_that_ask(panel):
    _, url = panel("127.0.0.1")
    until_known(f"{url}/radio.m3u")
    for asks in ({}, {"Icy-MetaData": "1"}):
        request = urllib.request.Request(f"{url}/radio.mp3", headers=asks)  # noqa: S310 (http)
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            assert response.headers["icy-name"] == "Perpetuum"
            assert response.headers["Content-Type"] == "audio/mpeg"
            assert (response.headers["icy-metaint"] == "16000") == bool(asks)
            assert (b"StreamTitle='folk: jig';" in response.read(20_000)) == bool(asks)


def test_a_speaker_needs_the_token_a_phone_its_pairing(panel, token):
    _, url = panel("0.0.0.0")  # noqa: S104 (with a pairing code)
    assert get(f"{url}/radio.m3u")[0] == 401
    assert get(f"{url}/radio.m3u?token={'x' * 32}")[0] == 401
    # The token opens the radio, and nothing else.
    assert get(f"{url}/app.js?token={token}")[0] == 401
    until_known(f"{url}/radio.m3u?token={token}")
    status, text = get(f"{url}/radio.m3u?token={token}", Host="radio.fritz.box")
    assert status == 200
    assert text.splitlines()[-1] == f"http://radio.fritz.box/radio.mp3?token={token}"
    samples = decoded("-i", f"{url}/radio.mp3?token={token}", seconds=3)
    assert is_loud(samples[4410:])


def test_without_a_radio_the_panel_says_so(panel):
    player, url = panel("127.0.0.1")
    until_known(f"{url}/radio.m3u")
    player.say(outputs=["null"])
    while get(f"{url}/radio.m3u")[0] == 200:
        pass
    for path in ("mp3", "m3u", "pls"):
        assert get(f"{url}/radio.{path}") == (
            404,
            "The radio is off; start the player with --radio.\n",
        )


def test_a_radio_that_does_not_answer(panel, radio):
    _, url = panel("127.0.0.1")
    until_known(f"{url}/radio.m3u")
    radio.process.close()
    assert get(f"{url}/radio.mp3") == (502, "The radio does not answer; try again.\n")
