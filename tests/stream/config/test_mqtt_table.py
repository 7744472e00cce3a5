import pytest

from stream.config.settings import load
from stream.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('mqtt = "box:1884"', ("box:1884", "", False, "")),
        ('[mqtt]\nhost = "box"', ("box", "", False, "")),
        ('[mqtt]\nhost = "box"\nport = 1884', ("box:1884", "", False, "")),
        ('[mqtt]\nhost = "::1"\nport = 1884', ("[::1]:1884", "", False, "")),
        (
            '[mqtt]\nhost = "box"\ncredentials = "/a"\ntls = true\nca = "/b"',
            ("box", "/a", True, "/b"),
        ),
    ],
)
def test_the_table_is_four_settings(tmp_path, text, expected):
    path = tmp_path / "a.toml"
    path.write_text(text + "\n")
    settings = load(path, {})
    found = (settings.mqtt, settings.mqtt_credentials, settings.mqtt_tls, settings.mqtt_ca)
    assert found == expected
    assert load(path, {"mqtt": "other"}).mqtt == "other"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("port = 1", "mqtt.host: None is not a host"),
        ('host = ""', "mqtt.host: '' is not a host"),
        ('host = "a"\nport = 70000', "mqtt.port: 70000 is not a port; give 1 to 65535"),
        ('host = "a"\nport = true', "mqtt.port: True is not a port"),
        ('hots = "a"', "mqtt: 'hots': unknown key; known are host, port, .* did you mean 'host'"),
        ('host = "a"\ntls = "yes"', "mqtt_tls: 'yes' is neither true nor false"),
    ],
)
def test_a_wrong_table_is_refused_in_one_line(tmp_path, text, told):
    path = tmp_path / "a.toml"
    path.write_text(f"[mqtt]\n{text}\n")
    with pytest.raises(SettingsError, match=told) as caught:
        load(path, {})
    assert "\n" not in str(caught.value)
