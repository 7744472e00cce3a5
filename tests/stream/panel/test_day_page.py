"""The day and the sleep timer on the page, in a real Chromium."""

DAY = {
    "now": 720, "date": "2026-11-30", "current": 1, "overruled": False, "pending": False,
    "silent": False, "next": "16:02", "sentence": "Morning, since 07:00: calm, folk, 60 to 90 bpm.",
    "entries": [
        {"at": "23:00", "start": "23:00", "minute": 0, "title": "Night", "silent": True},
        {"at": "07:00", "start": "07:00", "minute": 420, "title": "Morning", "silent": False},
        {"at": "16:02", "start": "sunset at 16:02", "minute": 962, "title": "Evening",
         "silent": False},
    ],
}  # fmt: skip


def test_the_day_is_a_ribbon_and_can_be_overruled(player, opened):
    page = opened(player)
    assert page.locator("#day").is_hidden()
    player.say(day=DAY)
    page.get_by_text(DAY["sentence"]).wait_for()
    entries = page.locator("#ribbon li")
    assert entries.count() == 3
    assert page.locator("#ribbon li[aria-current]").text_content() == "07:00Morning"
    boxes = [entry.bounding_box() for entry in entries.all()]
    assert [box["x"] for box in boxes] == sorted(box["x"] for box in boxes)
    assert boxes[0]["width"] / boxes[1]["width"] < 420 / 542 + 0.02
    page.get_by_role("button", name="Overrule until 16:02").click()
    player.wait_for({"day": "until next"})
    player.say(day=DAY | {"overruled": True})
    page.get_by_role("button", name="Follow the day").click()
    player.wait_for({"day": "follow"})
    player.say(day=None)
    page.locator("#day").wait_for(state="hidden")


def test_the_sleep_timer_counts_down_and_is_cancelled(player, opened):
    page = opened(player)
    off = page.locator("#sleep button[value='0']")
    assert off.is_disabled()
    page.get_by_role("button", name="20 min").click()
    player.wait_for({"sleep": 20})
    player.say(sleep={"end": page.evaluate("panel.clock.now()") + 20 * 60 - 1, "asleep": False})
    page.locator("#sleep-left", has_text="20 min").wait_for()
    off.click()
    player.wait_for({"sleep": 0})
    player.say(sleep={"end": None, "asleep": True})
    page.get_by_text("asleep", exact=True).wait_for()
    player.say(sleep=None)
    page.wait_for_function("document.getElementById('sleep-left').textContent === ''")
