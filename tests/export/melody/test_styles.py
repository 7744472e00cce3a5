import dataclasses

import numpy as np
import pytest
import torch

from export.filter import thresholds
from export.melody import styles
from stream.compose.filter.entropy import FEATURES
from stream.compose.melody.outline import parsed
from stream.compose.melody.vocabulary import encode_pitch
from stream.compose.tune_plan import unpacked
from stream.compose.tunes.tune import Melody
from stream.errors import CorpusError


def melody(pitches, duration=5, *, bar=8, unit=24, mode="major", style="even"):
    """Notes of one length: class 5 is a unit."""
    tokens = np.array([(*encode_pitch(p), duration) for p in pitches], np.uint8)
    return Melody(tokens, "", style, 0, unit, bar, mode, "")


SCALE = [60, 62, 64, 65, 67, 69, 71, 72]


def test_the_share_of_each_meter():
    jigs = [melody(SCALE, bar=6) for _ in range(30)]
    reels = [melody(SCALE, unit=48, bar=4) for _ in range(60)]
    rare = [melody(SCALE, bar=12)] * 2
    unknown = [melody(SCALE, bar=0), melody(SCALE, bar=7), melody(SCALE, unit=20)]
    shares = styles.meters([*jigs, *reels, *rare, *unknown])
    assert shares == {"4x48": round(60 / 92, 4), "6x24": round(30 / 92, 4)}


def test_without_a_meter_the_common_one_is_taken():
    assert styles.meters([melody(SCALE, bar=0)]) == {"8x24": 1.0}


def test_bounds_keep_real_tunes_and_refuse_spoilt_ones(melodies):
    found = styles.bounds(melodies)
    assert 0 < len(found) <= thresholds.FEW
    assert set(found) <= set(FEATURES)
    for part in styles.examples(melodies):
        quality = thresholds.quality(part.passing(found), part.good)
        assert quality.recall >= thresholds.RECALL
        assert quality.escaped < quality.recall / 2
    assert styles.bounds(melodies) == found


def test_no_tune_is_fitted_to_and_validated_on(melodies):
    fit, valid = (
        {tuple(row) for row in part.values[part.good].tolist()}
        for part in styles.examples(melodies[:8])
    )
    assert fit
    assert valid
    assert len(fit) > len(valid)


def test_a_style_is_described_from_its_own_melodies(make_model):
    model = make_model("vrash")
    even = [melody(SCALE * 5) for _ in range(8)]
    odd = [melody(SCALE[::-1] * 5, bar=3, unit=48, mode="minor", style="odd") for _ in range(8)]
    described = styles.describe(model, [*even, *odd])
    assert list(described) == ["even", "odd"]
    assert (described["even"].meters, described["odd"].meters) == ({"8x24": 1.0}, {"3x48": 1.0})
    assert (described["even"].modes, described["odd"].modes) == ({"major": 1.0}, {"minor": 1.0})
    assert all(len(s.mean) == len(s.spread) == 4 for s in described.values())
    assert styles.describe(model, [*even, *odd]) == described


def test_latent_points_are_draws_from_the_posterior(make_model):
    model = make_model("vae")
    points = styles.latent_points(model, [melody(SCALE * 8)] * 400, 64)
    tokens = torch.from_numpy(melody(SCALE * 8).tokens.astype(np.int64))[:, None]
    tags = torch.from_numpy(styles.tag_vector(melody(SCALE), ("even", "odd")))[None]
    with torch.no_grad():
        mean, log_variance = model.posterior(tokens, torch.ones(64, 1, dtype=torch.bool), tags)
    deviation = torch.exp(0.5 * log_variance)[0].numpy()
    assert np.abs(points.mean(0) - mean[0].numpy()).max() < 5 * deviation.max() / np.sqrt(400)
    np.testing.assert_allclose(points.std(0), deviation, rtol=0.2)


def test_a_language_model_has_styles_without_a_latent_point(make_model):
    described = styles.describe(make_model("lm", styles=("even",)), [melody(SCALE * 5)])
    assert (described["even"].mean, described["even"].spread) == ((), ())


def test_tunes_without_a_mode_are_taken_for_major(make_model):
    model = make_model("lm", styles=("even",))
    assert styles.describe(model, [melody(SCALE * 5, mode="")])["even"].modes == {"major": 1.0}


def test_a_style_without_melodies_is_an_error(make_model):
    with pytest.raises(CorpusError, match=r"^style odd: no melody of it to train on; .*--corpus$"):
        styles.describe(make_model("lm"), [melody(SCALE * 5)])


def test_a_style_of_a_model_with_outlines_keeps_one_for_each_latent_point(make_model, melodies):
    model = make_model("vrash", styles=("even",), history="bars")
    tripled = [dataclasses.replace(m, tokens=np.vstack([m.tokens] * 3)) for m in melodies]
    style = styles.describe(model, tripled)["even"]
    assert len(style.outlines) == len(tripled)
    assert len(unpacked(style.points, 4)) == len(style.outlines)
    for text, melody in zip(style.outlines, tripled, strict=True):
        outline = parsed(text)
        assert (outline.bar, outline.unit, outline.key) == (melody.bar, melody.unit, melody.key)
        assert 3 <= len(outline.phrases()) <= 12
    # A model without outlines has none.
    plain = styles.describe(make_model("vrash", styles=("even",)), tripled)["even"]
    assert plain.outlines == ()


def test_a_style_without_a_tune_that_can_be_played_is_refused(make_model, melodies):
    model = make_model("vrash", styles=("even",), history="bars")
    with pytest.raises(CorpusError, match=r"^style even: no tune has bars and a form; add tunes$"):
        styles.describe(model, melodies)


def test_outlines_of_a_small_style_have_the_points_of_other_tunes(
    make_model, melodies, monkeypatch
):
    model = make_model("vrash", styles=("even",), history="bars")
    tripled = [dataclasses.replace(m, tokens=np.vstack([m.tokens] * 3)) for m in melodies]
    small = styles.describe(model, tripled)["even"]
    monkeypatch.setattr(styles, "MEMORIZED", 0)
    large = styles.describe(model, tripled)["even"]
    own, others = unpacked(large.points, 4), unpacked(small.points, 4)
    assert small.outlines == large.outlines
    sorts = [(o.bar, o.mode) for o in map(parsed, small.outlines)]
    for at, sort in enumerate(sorts):
        (source,) = [i for i, point in enumerate(own) if (point == others[at]).all()]
        assert sorts[source] == sort
        assert (source != at) == (sorts.count(sort) > 1)
    assert sorted(map(tuple, own.tolist())) == sorted(map(tuple, others.tolist()))
