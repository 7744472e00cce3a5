import numpy as np
import pytest
import torch

from export import forms, styles
from export.corpus.tune import Melody
from stream.compose.entropy import FEATURES
from stream.compose.vocabulary import encode_pitch
from stream.errors import CorpusError


def melody(pitches, duration=5, *, bar=8, unit=24, mode="major", style="even"):
    """Notes of one length: class 5 is a unit."""
    tokens = np.array([(*encode_pitch(p), duration) for p in pitches], np.uint8)
    return Melody(tokens, "", style, 0, unit, bar, mode, "")


SCALE = [60, 62, 64, 65, 67, 69, 71, 72]


def test_the_share_of_each_metre():
    jigs = [melody(SCALE, bar=6) for _ in range(30)]
    reels = [melody(SCALE, unit=48, bar=4) for _ in range(60)]
    rare = [melody(SCALE, bar=12)] * 2
    unknown = [melody(SCALE, bar=0), melody(SCALE, bar=7), melody(SCALE, unit=20)]
    shares = styles.metres([*jigs, *reels, *rare, *unknown])
    assert shares == {"4x48": round(60 / 92, 4), "6x24": round(30 / 92, 4)}


def test_without_a_metre_the_common_one_is_taken():
    assert styles.metres([melody(SCALE, bar=0)]) == {"8x24": 1.0}


def test_phrases_are_four_whole_bars():
    tune = melody(range(40, 110), bar=8)
    cut = forms.phrases(tune)
    assert [p[:, 0].tolist() for p in cut] == [
        [p % 12 for p in range(40, 72)],
        [p % 12 for p in range(72, 104)],
    ]


def test_an_event_belongs_to_the_phrase_in_which_it_starts():
    # Notes of three units: the eleventh of each phrase of 32 units reaches into the next.
    cut = forms.phrases(melody(range(40, 75), 9))
    assert [len(p) for p in cut] == [11, 11, 10]


def test_without_bars_there_are_no_phrases():
    assert forms.phrases(melody(SCALE * 10, bar=0)) == []


def test_the_bounds_are_percentiles_of_the_real_phrases():
    # The phrase of each tune has k of its 32 notes on another pitch.
    tunes = [melody([60] * (32 - k) + [64] * k + [60]) for k in range(21)]
    share = np.arange(1, 21) / 32
    bits = np.concatenate([[0], -share * np.log2(share) - (1 - share) * np.log2(1 - share)])
    low, high = np.percentile(bits, [5, 95])
    bounds = styles.bounds(tunes)
    assert tuple(bounds) == FEATURES
    assert bounds["pitch_class"] == bounds["pitch"] == (round(low, 3), round(high, 3))
    assert bounds["length"] == bounds["length_step"] == (0.0, 0.0)


@pytest.mark.parametrize("bar", [0, 16])
def test_where_no_phrase_is_whole_the_tunes_are_measured(bar):
    bounds = styles.bounds([melody(SCALE, bar=bar), melody([60, 67] * 4, bar=bar)])
    # Percentiles 5 and 95 between one bit and log2 of seven pitch classes, one of them twice.
    assert bounds["pitch"] == (1.1, 2.9)


def test_a_style_is_described_from_its_own_melodies(make_model):
    model = make_model("vrash")
    even = [melody(SCALE * 5) for _ in range(8)]
    odd = [melody(SCALE[::-1] * 5, bar=3, unit=48, mode="minor", style="odd") for _ in range(8)]
    described = styles.describe(model, [*even, *odd])
    assert list(described) == ["even", "odd"]
    assert (described["even"].metres, described["odd"].metres) == ({"8x24": 1.0}, {"3x48": 1.0})
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
