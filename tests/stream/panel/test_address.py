import pytest

from stream.errors import SettingsError
from stream.panel.address import Address, parse


@pytest.mark.parametrize(
    ("text", "host", "port", "loopback"),
    [
        ("", "127.0.0.1", 8765, True),
        ("127.0.0.1:9000", "127.0.0.1", 9000, True),
        (":9000", "127.0.0.1", 9000, True),
        ("localhost", "localhost", 8765, True),
        ("[::1]:80", "::1", 80, True),
        ("[::1]", "::1", 8765, True),
        ("127.9.9.9", "127.9.9.9", 8765, True),
        ("0.0.0.0:8765", "0.0.0.0", 8765, False),  # noqa: S104
        ("[::]:8765", "::", 8765, False),
        ("box.local", "box.local", 8765, False),
        ("192.168.1.5:65535", "192.168.1.5", 65535, False),
    ],
)
def test_what_is_left_out_is_loopbacks(text, host, port, loopback):
    found = parse(text)
    assert (found, found.loopback) == (Address(host, port), loopback)
    assert parse(str(found)) == found


@pytest.mark.parametrize("text", ["a:0", "a:65536", "a:x", "a:", "a b:1", "a/b:1", "a@b:1", "a:²"])
def test_anything_else_is_refused(text):
    with pytest.raises(SettingsError, match=r"is no HOST:PORT; write 127\.0\.0\.1:8765"):
        parse(text)


def test_the_url_is_what_a_browser_takes():
    assert Address("::1", 9000).url == "http://[::1]:9000"
    assert Address().url == "http://127.0.0.1:8765"
    assert "0.0.0.0" not in Address("0.0.0.0").url  # noqa: S104
