"""Listen through the radio, in a real Chromium."""

import pytest

from stream.radio.access_token import kept_token, token_folder
from tests.stream.panel.fake_player import FakePlayer
from tests.stream.panel.pages import until
from tests.stream.radio.radio_process import Radio

SPY = """
globalThis.opened = [];
const {set, get} = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'src');
Object.defineProperty(HTMLMediaElement.prototype, 'src', {get, set(url) {
  globalThis.sound = this;
  opened.push(url);
  set.call(this, url);
}});
"""
SOUNDS = "globalThis.sound?.currentTime > 0.5 && !sound.paused"


@pytest.fixture(scope="module")
def player(tmp_path_factory):
    """A player with a radio."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY"):
            patch.delenv(name, raising=False)
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        kept_token(token_folder())
        with Radio() as radio, FakePlayer() as player:
            player.radio = radio
            radio.hold()
            assert player.notice
            yield player


def test_listen_plays_the_real_instruments_if_the_player_streams_them(player, opened):
    page = opened(player)
    page.evaluate(SPY)
    assert not page.locator("#radio").is_visible()
    player.say(outputs=["null", f"radio:{player.radio.address}"])
    page.locator("#radio").wait_for(state="attached")
    until(page, "!document.getElementById('radio').hidden")
    page.click("#listen")
    until(page, SOUNDS)
    assert page.evaluate("begun.length") == 0
    # The other choice plays on the page, at once, and stays for the next visit.
    page.evaluate("document.getElementById('radio-listen').click()")
    until(page, "begun.length > 0")
    assert page.evaluate("sound.paused")
    page.evaluate("document.getElementById('radio-listen').click()")
    until(page, SOUNDS)
    page.click("#listen")
    assert page.evaluate("sound.paused")
    assert page.get_attribute("#listen", "aria-pressed") == "false"


def test_without_the_radio_listen_goes_on_with_the_page(player, opened):
    page = opened(player)
    page.evaluate(SPY)
    player.say(outputs=["null", f"radio:{player.radio.address}"])
    until(page, "!document.getElementById('radio').hidden")
    page.click("#listen")
    until(page, SOUNDS)
    player.say(outputs=["null"])
    until(page, "begun.length > 0")
    assert page.evaluate("document.getElementById('radio').hidden")
    assert page.get_attribute("#listen", "aria-pressed") == "true"


def test_a_stream_that_ends_is_opened_again(player, opened):
    page = opened(player)
    page.evaluate(SPY)
    player.say(outputs=["null", f"radio:{player.radio.address}"])
    until(page, "!document.getElementById('radio').hidden")
    page.click("#listen")
    until(page, SOUNDS)
    page.evaluate("sound.dispatchEvent(new Event('ended'))")
    until(page, "opened.length === 2")
    until(page, SOUNDS)
