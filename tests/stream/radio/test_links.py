from stream.radio.links import m3u, pls, radio_among, stream_url
from stream.util.address import Address


def test_the_radio_among_outputs():
    assert radio_among([]) is None
    assert radio_among(["null", "port:radio:1", "radio:x"]) is None
    assert radio_among(["null", "radio:[::]:8766=lead,bass"]) == Address("::", 8766)


def test_playlists():
    url = stream_url("http://192.168.1.20:8766", "abc")
    assert url == "http://192.168.1.20:8766/radio.mp3?token=abc"
    assert stream_url("http://h:1", path="/radio.m3u") == "http://h:1/radio.m3u"
    assert m3u(url).splitlines()[-1] == url
    assert pls(url).splitlines()[:3] == ["[playlist]", "NumberOfEntries=1", f"File1={url}"]
