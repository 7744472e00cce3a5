from hypothesis import given
from hypothesis import strategies as st

from stream.osc.datagram import datagram
from stream.osc.event_messages import EventMessages


def test_what_changes_is_told():
    reports = EventMessages()
    assert reports.of({"hello": {"voice": "commons", "seed": 7}}) == [
        ("/perpetuum/state/voice", ("commons",))
    ]
    assert reports.of({"controls": {"bpm": 90.0, "low": 0, "style": "folk", "odd": None}}) == [
        ("/perpetuum/state/bpm", (90.0,)),
        ("/perpetuum/state/low", (0,)),
        ("/perpetuum/state/style", ("folk",)),
    ]
    assert reports.of({"controls": {"bpm": 91.0, "low": 0, "style": "folk"}}) == [
        ("/perpetuum/state/bpm", (91.0,))
    ]
    assert reports.of({"playing": False}) == [("/perpetuum/state/play", (0,))]
    assert reports.of({"outputs": ["null", "port:X"]}) == [
        ("/perpetuum/state/out", ("null", "port:X"))
    ]
    assert reports.of({"outputs": ["null", "port:X"]}) == []
    assert reports.of({"notice": "hello"}) == [("/perpetuum/notice", ("hello",))]
    assert reports.of({"moment": {"now": 1.0}}) == []
    assert dict(reports.state()) == {
        "/perpetuum/state/voice": ("commons",),
        "/perpetuum/state/bpm": (91.0,),
        "/perpetuum/state/low": (0,),
        "/perpetuum/state/style": ("folk",),
        "/perpetuum/state/play": (0,),
        "/perpetuum/state/out": ("null", "port:X"),
    }


def test_a_phrase():
    phrase = {
        "index": 3,
        "tune": 1,
        "style": "folk",
        "bpm": 100.0,
        "ensemble": "folk",
        "energy": 0.25,
        "key": "D major",
        "meter": "6/8",
        "kind": "jig",
        "set": "2 of 3",
        "notes": [[0, 1, 60, 80, 0]] * 5,
    }
    facts = ("D major", "6/8", "jig", "2 of 3")
    assert EventMessages().of({"phrase": phrase}) == [
        ("/perpetuum/phrase", (3, 1, "folk", 100.0, 5, "folk", 0.25, *facts))
    ]
    assert EventMessages().of({"phrase": {}}) == [
        ("/perpetuum/phrase", ("", "", "", "", 0, "", "", "", "", "", ""))
    ]


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
)
kinds = st.sampled_from(["hello", "controls", "playing", "outputs", "notice", "phrase"])


@given(st.dictionaries(kinds, json, max_size=4))
def test_any_event_can_be_told(event):
    for report in EventMessages().of(event):
        assert datagram(*report)
