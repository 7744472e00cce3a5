"""The page for every eye and hand: axe, contrasts, targets, keys, themes, and installing it."""

import io
import itertools
import json

import pytest
from PIL import Image

from tests.stream.panel.fake_player import PROFILE, FakePlayer, band
from tests.stream.panel.pages import slide, unfold, until
from tests.stream.panel.test_day_page import DAY

WIDTHS = (390, 820, 1440)
THEMES = ("dark", "light")
TARGET = 44
"""Least width and height of what a finger taps, in CSS pixels."""
NON_TEXT, TEXT = 3, 4.5
"""Least contrasts of WCAG 2.2, 1.4.11 and 1.4.3."""
SMALL = """(least) => [...document.querySelectorAll(
    'button, select, summary, a[href], label.choice, input:not([type=checkbox])')]
  .filter((e) => e.checkVisibility())
  .map((e) => [e.id || e.className || e.textContent, e.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < least || height < least)
  .map(([name, { width, height }]) => `${name}: ${width} x ${height}`)"""
CONTRAST = """([front, back]) => {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  const luminance = (color) => {
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const root = getComputedStyle(document.documentElement);
  const known = (name) => name.startsWith('--') ? root.getPropertyValue(name) : name;
  const [one, other] = [front, back].map((name) => luminance(known(name))).sort((a, b) => b - a);
  return (one + 0.05) / (other + 0.05);
}"""
KEPT = [
    {
        "name": "0001-jig.mid", "title": "jig in D major, 6/8", "style": "folk", "stars": 4,
        "seconds": 94, "time": 1_795_000_000, "favourite": True,
    }
]  # fmt: skip
SHOW = """async (tunes) => {
  const { Kept } = await import('/kept.js');
  new Kept({ request: async () => ({ tunes }) }, () => {}).show({ revision: 1 });
  const { Pairing } = await import('/pairing.js');
  const { fetch } = globalThis;
  const invitation = {
    pairing: true, url: 'http://10.0.0.2:8765', code: 'ABCD-EFGH', minutes: 5,
    qr: { size: 3, path: 'M0 0h1v1h-1z' },
  };
  globalThis.fetch = async () => ({ ok: true, json: async () => invitation });
  new Pairing(() => {});
  document.getElementById('invite').click();
  await new Promise((resolve) => setTimeout(resolve));
  globalThis.fetch = fetch;
}"""
FILLED = """[...document.querySelectorAll('#stars svg')]
  .map((star) => getComputedStyle(star).fill !== 'none')"""
PLACES = """[...document.querySelectorAll('.player button, .player input, .player select, summary')]
  .map((e) => [e.id || e.value, ...['x', 'y', 'width', 'height'].map(
    (name) => e.getBoundingClientRect()[name])])"""


@pytest.fixture(scope="module")
def player():
    """A band on a synthesizer with a profile."""
    with FakePlayer(music=band, profile=PROFILE) as player:
        yield player


@pytest.fixture
def axe():
    """Return what axe-core finds on a page."""
    sync_playwright = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="'pip install axe-playwright-python'"
    )

    def findings(page):
        found = sync_playwright.Axe().run(page).response["violations"]
        return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]

    return findings


def show_all(player, page):
    """Show every section, also those that are hidden on most machines."""
    player.say(day=DAY)
    player.say(outputs=["null", "radio:127.0.0.1:8766"])
    page.evaluate(SHOW, KEPT)
    page.locator("#ribbon li").first.wait_for()
    page.locator("#kept-list li").first.wait_for(state="attached")
    page.locator("#invitation-code path").wait_for(state="attached")
    page.locator("#radio").wait_for(state="visible")


@pytest.mark.parametrize(("width", "theme"), [*itertools.product(WIDTHS, THEMES)])
def test_axe_finds_nothing_and_every_target_is_large_enough(player, opened, axe, width, theme):
    page = opened(player, width=width, height=844, color_scheme=theme)
    page.locator(".strip").first.wait_for()
    show_all(player, page)
    for state in ("folded", "unfolded"):
        if state == "unfolded":
            unfold(page)
        page.get_by_role("button", name="3 stars").click()
        page.get_by_text("3 of 5 stars").wait_for()
        page.wait_for_timeout(300)  # the message has faded in
        assert axe(page) == [], state
        assert page.evaluate(SMALL, TARGET) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_no_text_can_be_told_from_its_ground(player, opened, theme):
    page = opened(player, color_scheme=theme)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    page.locator(".strip").first.wait_for()
    star = page.locator("#stars button").last.evaluate("(star) => getComputedStyle(star).color")
    parts = page.locator(".strip .dot").evaluate_all(
        "(dots) => dots.map((dot) => getComputedStyle(dot).backgroundColor)"
    )
    assert len(set(parts)) == 5
    for front in (star, "--edge", "--accent", *parts):
        assert page.evaluate(CONTRAST, [front, "--card"]) >= NON_TEXT, front
    for part in parts:
        assert page.evaluate(CONTRAST, [part, "--roll"]) >= NON_TEXT, part
    for text, ground in itertools.product(("--text", "--soft"), ("--ground", "--card", "--raised")):
        assert page.evaluate(CONTRAST, [text, ground]) >= TEXT, (text, ground)
    for word in ("--word-1", "--word-2", "--word-3", "--word-4", "--warning"):
        assert page.evaluate(CONTRAST, [word, "--ground"]) >= TEXT, word


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_moves_when_listen_is_tapped(player, opened, width):
    page = opened(player, width=width, height=844)
    page.locator(".strip").first.wait_for()
    before = page.evaluate(PLACES)
    box = page.locator("#listen").bounding_box()
    for on in ("true", "false"):
        # A second tap at the same place hits the button again.
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        until(page, f"document.getElementById('listen').ariaPressed === '{on}'")
        assert page.evaluate(PLACES) == before


def test_space_pauses_after_a_click_and_presses_what_the_keyboard_reached(player, opened):
    page = opened(player)
    for name in ("Next tune", "3 stars", "Any"):
        player.heard.clear()
        page.get_by_role("button", name=name).click()
        player.wait(lambda: player.heard)
        page.keyboard.press("Space")
        player.wait_for({"play": False})
        page.locator("body.paused").wait_for()
        page.keyboard.press("Space")
        player.wait_for({"play": True})
        page.locator("body:not(.paused)").wait_for()
    slide(page, "Energy", 0.7)
    page.get_by_label("Energy", exact=True).focus()
    page.keyboard.press("Space")
    player.wait(lambda: player.heard[-1] == {"play": False})
    page.locator("body.paused").wait_for()
    page.get_by_role("button", name="Play", exact=True).focus()
    page.keyboard.press("Tab")
    player.heard.clear()
    page.keyboard.press("Space")
    player.wait_for({"next": True})
    assert {"play": True} not in player.heard
    player.say(playing=True)


def test_each_part_has_a_level_of_its_own(player, opened):
    page = opened(player)
    page.locator(".strip").first.wait_for()
    page.evaluate("document.querySelector('.strip').mark = 'the same'")
    slide(page, "Level of bass", 70)
    player.wait_for({"set": {"parts": "bass=70%"}})
    page.locator("#legend").get_by_role("button", name="Bass").click()
    player.wait_for({"set": {"parts": "bass=off,bass=70%"}})
    slide(page, "Level of drums", 0)
    player.wait_for({"set": {"parts": "bass=off,bass=70%,drums=0%"}})
    page.locator("#legend").get_by_role("button", name="Bass").click()
    player.wait_for({"set": {"parts": "bass=70%,drums=0%"}})
    for role in ("bass", "drums"):
        page.get_by_label(f"Level of {role}").dblclick()
    player.wait_for({"set": {"parts": ""}})
    page.wait_for_timeout(4500)  # the next phrase has begun
    assert page.evaluate("document.querySelector('.strip').mark") == "the same"


def test_voice_style_and_ensemble_are_chosen_at_the_top(player, opened):
    page = opened(player, width=390, height=844)
    for label, value, command in (
        ("Voice", "other", {"voice": "other"}),
        ("Style", "jazz", {"set": {"style": "jazz"}}),
        ("Ensemble", "jazz", {"set": {"ensemble": "jazz"}}),
    ):
        choice = page.get_by_label(label, exact=True)
        assert choice.bounding_box()["y"] < 844 / 3
        choice.select_option(value)
        player.wait_for(command)
    page.wait_for_timeout(1300)  # a choice just made is not taken back by an older event
    player.say(controls={"style": "jazz:0.6,bach:0.4", "ensemble": ""})
    until(page, "document.getElementById('style-choice').value === 'jazz:0.6,bach:0.4'")
    assert page.locator("#style-choice option:checked").inner_text() == "jazz 60 % + bach 40 %"


def test_the_theme_is_that_of_the_system_until_one_is_chosen(player, opened):
    page = opened(player, color_scheme="light")
    theme = "document.documentElement.dataset.theme"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light theme").click()
    assert page.evaluate(theme) == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != ground
    page.reload()
    assert page.evaluate(theme) == "dark"
    page.get_by_role("button", name="Light theme").click()  # that of the system, which may change
    page.emulate_media(color_scheme="dark")
    until(page, f"{theme} === 'dark'")


def test_details_are_folded_until_they_are_asked_for(player, opened):
    page = opened(player)
    reasons = page.get_by_text("Reasons for rejection")
    assert not reasons.is_visible()
    page.get_by_text("Details", exact=True).click()
    assert reasons.is_visible()
    until(page, "document.getElementById('lateness').width > 0")
    page.get_by_text("Pitch", exact=True).click()
    page.reload()
    page.get_by_text("connected", exact=True).wait_for()
    assert reasons.is_visible()
    assert not page.get_by_label("Transpose").is_visible()


@pytest.mark.parametrize("theme", THEMES)
def test_forced_colors_leave_all_that_matters(player, opened, axe, theme):
    page = opened(player, forced_colors="active", color_scheme=theme)
    page.locator(".strip").first.wait_for()
    page.get_by_role("button", name="3 stars").click()
    until(page, f"`${{{FILLED}}}` === 'true,true,true,false,false'")
    assert axe(page) == []
    dots = page.locator(".strip .dot").evaluate_all(
        "(all) => all.map((e) => getComputedStyle(e).backgroundColor)"
    )
    assert len(set(dots)) == 5
    for slider in ("#energy", "#volume"):
        page.locator(slider).scroll_into_view_if_needed()
        picture = Image.open(io.BytesIO(page.locator(slider).screenshot())).convert("L")
        shades = [shade for count, shade in picture.getcolors() if count > 100]
        assert max(shades) - min(shades) > 100  # track and thumb are seen


def test_the_page_can_be_installed(player, opened):
    page = opened(player)
    session = page.context.new_cdp_session(page)
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    manifest = json.loads(found["data"])
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        size = page.evaluate(
            """async (src) => { const image = new Image(); image.src = src; await image.decode();
                return [image.naturalWidth, image.naturalHeight]; }""",
            icon["src"],
        )
        if icon["sizes"] != "any":
            assert icon["sizes"] == "{}x{}".format(*size)
    problems = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {each["errorId"] for each in problems} <= {"in-incognito"}


def test_the_system_shows_what_plays_and_the_screen_stays_on(player, opened):
    page = opened(player)
    until(page, "navigator.mediaSession.metadata?.title.startsWith('Tune ')")
    assert page.evaluate("navigator.mediaSession.playbackState") == "playing"
    box = page.get_by_label("Keep this screen on")
    page.evaluate(
        """() => { const request = navigator.wakeLock.request.bind(navigator.wakeLock);
             globalThis.asked = [];
             navigator.wakeLock.request = (kind) => asked.push(kind) && request(kind); }"""
    )
    box.check()
    until(page, "asked.length === 1")
    page.reload()
    assert box.is_checked()
