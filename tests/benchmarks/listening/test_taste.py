import numpy as np
import pytest

from benchmarks import bounds
from benchmarks.listening import session, taste
from benchmarks.listening.listeners import LISTENERS, preference, stars
from stream.taste.features import NOTES
from tests.stream.compose.conftest import TINY

BITS = {"pitch_class": 2.5, "length": 1.5}


def rows(count, seed=0):
    rng = np.random.default_rng(seed)
    return [
        {
            "style": "folk" if n % 2 else "bach",
            "features": dict(zip((*NOTES, "tempo"), rng.normal(size=9).tolist(), strict=True)),
            "bits": BITS,
            "digest": f"{seed} {n}",
        }
        for n in range(count)
    ]


@pytest.mark.parametrize("name", LISTENERS)
def test_half_of_all_tunes_are_liked_and_then_the_other_half(name):
    tunes = rows(60)
    likes = preference(LISTENERS[name], [tune["features"] for tune in tunes])
    assert taste.share(likes, tunes) == pytest.approx(0.5, abs=0.02)
    for tune in tunes:
        assert likes.likes(tune["features"]) != likes.flipped().likes(tune["features"])


def test_stars_are_noisy_and_tell_what_is_liked():
    rng = np.random.default_rng(0)
    given = {liked: [stars(liked, rng) for _ in range(200)] for liked in (True, False)}
    assert {1, 2, 3} <= set(given[False]) <= {1, 2, 3, 4, 5}
    assert np.mean(given[True]) - np.mean(given[False]) > 1.5


def test_records_tell_shares_and_miss_their_bounds():
    wanted = {"a": preference({"leaps": 1.0}, [t["features"] for t in rows(60)])}
    likes, plain = wanted["a"], rows(40, 1)
    fit = [t for t in rows(60, 2) if likes.likes(t["features"])][:12]
    other = [t for t in rows(60, 3) if not likes.likes(t["features"])][:12]
    run = {"after": fit, "flipped": fit}
    found = taste.fit_records({"a": [run]}, wanted, [plain])
    values = {record.measure: record.value for record in found[:3]}
    assert values["tunes that fit after 30 ratings"] == 1
    assert values["tunes that fit 30 ratings after the preference flipped"] == 0
    assert bounds.is_missed(found[2].value, found[2].paper)
    off = {"without": fit, "with": other}
    _, moved, same = taste.control_records({"r": [{"after": plain}]}, off, wanted, [plain])
    assert (moved.value, same.value) == (0, 0)
    variety = taste.variety_records({"no stars": plain}, {"length": (1.0, 2.0)})
    assert [round(record.value, 2) for record in variety] == [1.5, 1.0, 1.0]


def test_a_listener_hears_the_same_first_tunes_and_moves_the_later_ones(monkeypatch):
    monkeypatch.setattr(session, "RATED", 12)
    monkeypatch.setattr(session, "COUNTED", 2)
    first = session.first_tunes(TINY, 3, 10)
    likes = preference({"leaps": 1.0}, [tune["features"] for tune in first])
    run = session.listen(session.Stream(TINY, 3), first, likes, 1)
    assert [len(run[n]) for n in ("first", "later", "after", "flipping", "flipped")] == [
        10, 2, 2, 12, 2,
    ]  # fmt: skip
    random = session.listen(session.Stream(TINY, 3), first, None, 1)
    assert "flipped" not in random
    off = session.off(TINY, 3, likes)
    assert [t["digest"] for t in off["with"]] == [t["digest"] for t in off["without"]]
