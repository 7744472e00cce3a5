"""What a test does with the page in a browser."""


def until(page, expression):
    """Wait until it is true. The page allows no `eval`, which Playwright's own waiting needs."""
    for _ in range(400):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def slide(page, name, value):
    page.get_by_label(name, exact=True).evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')); }",
        value,
    )


def unfold(page):
    page.evaluate("for (const card of document.querySelectorAll('details')) card.open = true")
