import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from stream.music.controls import Controls
from stream.music.favourite import SHARE, Favourite, favourite_of
from stream.music.note import request_from_json, to_json
from stream.music.stream_position import opening
from tests.data.fake_composer import compose

JIG, REEL = Favourite("jig", "folk", "AAAA"), Favourite("reel", "jazz", "BBBB")
SEEDS = st.integers(0, 2**63 - 1)


@given(SEEDS, st.integers(0, 1000))
def test_without_favourites_nothing_changes(seed, tune):
    assert favourite_of(seed, tune, (), ()) == ()


@given(SEEDS)
def test_a_share_of_the_tunes_returns_the_same_ones_each_time(seed):
    drawn = [favourite_of(seed, tune, (), (JIG, REEL)) for tune in range(400)]
    assert drawn == [favourite_of(seed, tune, (), (JIG, REEL)) for tune in range(400)]
    assert set(drawn) == {(), JIG.members, REEL.members}
    assert abs(sum(map(bool, drawn)) / 400 - SHARE) < 0.15


def test_a_style_that_is_asked_for_has_its_own_favourites():
    style = ((("jazz", 0.7), ("bach", 0.3)),)
    drawn = {favourite_of(3, tune, style, (JIG, REEL)) for tune in range(200)}
    assert drawn == {(), REEL.members}


def test_a_tune_keeps_its_favourite_to_its_end_and_requests_hold_it():
    position = dataclasses.replace(opening(3, Controls()), favourites=(JIG, REEL))
    by_tune = {}
    for _ in range(400):
        request = position.request
        assert request_from_json(to_json(request)) == request
        by_tune.setdefault(request.tune, set()).add(request.favourite)
        position = position.after(compose(request))
    assert all(len(found) == 1 for found in by_tune.values())
    assert len(set.union(*by_tune.values())) == 3
