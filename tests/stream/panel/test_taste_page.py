"""The taste on the page, in a real Chromium."""

from tests.stream.panel.pages import slide, unfold

LEAPS = "Fewer leaps, because you gave 2 stars to jig in D major, 6/8."


def test_one_sentence_explains_the_taste_and_a_slider_weighs_it(player, opened):
    page = opened(player)
    unfold(page)
    sentence = page.locator("#taste-sentence")
    player.say(taste={"ratings": 3, "moves": False, "sentence": "Three of ten."})
    page.get_by_text("Three of ten.").wait_for()
    assert page.get_by_label("Taste", exact=True).is_disabled()
    player.say(taste={"ratings": 14, "moves": True, "sentence": LEAPS})
    page.get_by_text(LEAPS).wait_for()
    assert sentence.get_attribute("role") == "status"
    slide(page, "Taste", 0)
    player.wait_for({"set": {"taste": 0}})
    assert page.locator("output[for=taste]").text_content() == "off"
    player.say(taste={})
    page.get_by_text("from ten on, they move what is played").wait_for()
    later = opened(player)
    later.get_by_text("from ten on").wait_for()
