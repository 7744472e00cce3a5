"""Pairing by QR code in a real Chromium, over restarts of the panel, until it is revoked."""

import os
import re
import subprocess
import sys

import pytest

from stream.pairs.qr_code import HALVES, QUIET, drawing, matrix_of
from tests.stream.chromium import chromium
from tests.stream.panel.fake_player import FakePlayer, free_port


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def phone(browser):
    """Opens pages of phones, each with cookies of its own."""
    contexts = []

    def open_(url):
        contexts.append(browser.new_context(viewport={"width": 390, "height": 844}))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def start(tmp_path):
    """Starts a panel that other machines reach, always the same one."""
    address = f"0.0.0.0:{free_port()}"
    players = []

    def player(**settings):
        for each in players:
            each.close()
        found = FakePlayer(address, settings={"state": tmp_path, **settings})
        assert found.url
        players[:] = [found]
        return found

    yield player
    for each in players:
        each.close()


@pytest.fixture
def pairs(tmp_path):
    """Runs `perpetuum pairs`."""

    def run(*arguments):
        command = [sys.executable, "-m", "stream", "pairs", *arguments]
        environment = os.environ | {"XDG_STATE_HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(  # noqa: PLW1510 (a line below)
            command, capture_output=True, text=True, env=environment, timeout=30
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def code_of(player):
    return player.notice.rpartition(" ")[2]


def connected(page):
    page.get_by_text("connected", exact=True).wait_for()
    return page


def test_a_phone_that_has_scanned_the_code_stays_paired_until_it_is_revoked(start, phone, pairs):
    player = start()
    page = connected(phone(f"{player.url}/pair#{code_of(player)}"))
    assert page.url == f"{player.url}/"
    page.go_back()
    assert "#" not in page.url
    player = start()
    page.goto(player.url)
    connected(page)
    assert re.fullmatch(r"Linux Chrome \d{4}-\d\d-\d\d \d\d:\d\d +paired .* used .*\n", pairs())
    name = re.sub(" +paired .*\n", "", pairs())
    assert pairs("revoke", *name.split()) == f"revoked: {name}\n"
    page.get_by_text("Pair this browser").wait_for()
    assert "no browser is paired" in pairs()


def test_a_paired_phone_shows_a_code_for_one_more(start, phone):
    player = start()
    first = connected(phone(f"{player.url}/pair#{code_of(player)}"))
    first.locator("#pairing").wait_for()
    button = first.get_by_role("button", name="Show a code")
    if not button.is_visible():  # narrow pages fold the card
        first.get_by_role("heading", name="Another phone").click()
    button.click()
    text = first.locator("#invitation-text")
    text.wait_for()
    url, code = re.search(
        r"open (\S+) and type (\S+)\. It pairs one phone", text.text_content()
    ).groups()
    assert url == f"{player.url}/pair"
    path = first.locator("#invitation-code path").get_attribute("d")
    assert path == drawing(matrix_of(f"{url}#{code}")).path
    connected(phone(f"{url}#{code}"))
    third = phone(f"{url}#{code}")
    third.get_by_text("Wrong code.").wait_for()
    third.get_by_label("Pairing code").fill(code_of(player))
    third.get_by_role("button", name="Pair").click()
    connected(third)


def test_the_command_line_invites_a_phone(start, phone, pairs):
    player = start()
    told = pairs("add")
    url = re.search(r"http://\S+", told)[0]
    assert url.startswith(f"{player.url}/pair#")
    assert "pairs one browser within 10 minutes" in told
    assert modules(told.splitlines()[:-2]) == [list(map(bool, row)) for row in matrix_of(url)]
    connected(phone(url))


def modules(rows):
    """The dark modules that rows of text show."""
    halves = {text: dark for dark, text in HALVES.items()}
    found = []
    for row in rows:
        upper, lower = zip(*(halves[letter] for letter in row), strict=True)
        found += [list(upper), list(lower)]
    return found[: len(rows[0])]


def test_the_owner_sees_the_code_where_the_player_was_started(start):
    player = start()
    matrix = matrix_of(f"{player.url}/pair#{code_of(player)}")
    player.wait(lambda: len(player.notices) > (len(matrix) + 1) // 2)
    assert modules(player.notices[1 : 1 + (len(matrix) + 1) // 2]) == matrix


def test_a_code_of_ones_own_opens_and_is_not_shown(start, phone, tmp_path):
    own = tmp_path / "code"
    own.write_text("four cats sleep\n")
    player = start(pairing_code=str(own))
    assert player.notice.endswith(" pairing code: your own")
    page = phone(player.url)
    page.get_by_label("Pairing code").fill("Four Cats Sleep")
    page.get_by_role("button", name="Pair").click()
    connected(page)


def test_where_no_pairing_is_needed_no_code_is_offered(browser, phone):
    with FakePlayer() as player:
        page = connected(phone(player.url))
        assert page.locator("#pairing").is_hidden()


def test_the_border_of_a_code_is_light():
    matrix = matrix_of("http://192.0.2.1:8765/pair#ABCD-EFGH")
    assert len(matrix) <= 40
    for edge in (*matrix[:QUIET], *matrix[-QUIET:]):
        assert not any(edge)
