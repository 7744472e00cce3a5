import pytest

from stream.pairs.device import device_name


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
            "iPhone Safari",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) Chrome/131.0.0.0 Mobile Safari/537.36",
            "Android Chrome",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Linux Firefox"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
            "Windows Edge",
        ),
        ("curl/8.5.0", "curl"),
        ("", "browser"),
        ("\x07\u202e", "browser"),
        ("x" * 500, "x" * 24),
    ],
)
def test_a_browser_is_called_by_what_it_says(agent, name):
    assert device_name(agent) == name
