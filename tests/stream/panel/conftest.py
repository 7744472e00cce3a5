"""A real Chromium, and pages of the panel in it."""

import pytest

from tests.stream.chromium import chromium
from tests.stream.panel.fake_player import PROFILE, FakePlayer
from tests.stream.panel.pages import until

SPY = """
globalThis.begun = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) {
  begun.push([at - this.context.currentTime, this.frequency.value]);
  return start.call(this, at);
};
globalThis.stopped = 0;
const stop = OscillatorNode.prototype.stop;
OscillatorNode.prototype.stop = function (at) {
  if (this.ends) stopped += 1;
  this.ends = true;
  return stop.call(this, at);
};
"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def long_player():
    """One for all tests that leave it as it was."""
    with FakePlayer(profile=PROFILE) as player:
        yield player


@pytest.fixture
def player(long_player):
    long_player.heard.clear()
    long_player.refuses.clear()
    long_player.say(playing=True)
    return long_player


@pytest.fixture
def opened(browser):
    """Opens a page; whatever goes wrong in it is an error."""
    contexts, errors = [], []

    def open_(player, width=1280, height=800, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: "Content" in line.text and errors.append(line.text))
        page.add_init_script(SPY)
        page.goto(player.url)
        page.get_by_text("connected", exact=True).wait_for()
        until(page, "panel.recentPhrases.phrases.length > 0")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert errors == []
