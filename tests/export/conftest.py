"""A tiny corpus and tiny models; one thread."""

import numpy as np
import pytest
import torch

from export.corpus.read import load
from export.models.family import build
from export.models.melody import CELLS
from export.models.melody_config import HISTORIES, MelodyConfig
from stream.compose.melody.outline_context import WIDTH

PATTERNS = ((0, 4, 7, 12, 7, 4, 2, 5), (0, 2, 3, 7, 8, 7, 3, 2), (12, 11, 9, 7, 5, 4, 2, 0))
RHYTHMS = ((24,) * 8, (36, 12, 24, 24, 36, 12, 24, 24), (48, 24, 24, 12, 12, 24, 24, 24))


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def tune(i):
    """Pitches and durations of six bars of 4/4: a pattern and its transpositions."""
    pattern, rhythm = PATTERNS[i % 3], RHYTHMS[i // 3 % 3]
    pitch = [60 + i % 5 + bar % 2 * 5 + step for bar in range(6) for step in pattern]
    return pitch, list(rhythm) * 6


def write_archive(path, tunes, *, meter="4/4"):
    """A melody archive of the tunes with these numbers, each its own group."""
    made = [tune(i) for i in tunes]
    starts = [np.cumsum([0, *d[:-1]]) for _, d in made]
    np.savez(
        path,
        pitch=np.concatenate([p for p, _ in made]),
        duration=np.concatenate([d for _, d in made]),
        onset=np.concatenate(starts),
        tune_start=np.cumsum([0, *(len(p) for p, _ in made)]),
        meter=np.array([meter] * len(made)),
        key=np.array(["C major"] * len(made)),
        variant_group=np.array(tunes),
    )
    return path


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    return write_archive(tmp_path_factory.mktemp("corpus") / "tunes.npz", range(40))


@pytest.fixture(scope="session")
def melodies(archive):
    return load([f"even={archive}"])[0]


@pytest.fixture(params=["lm", "vae", "vrash"])
def family(request):
    return request.param


@pytest.fixture(params=CELLS)
def cell(request):
    return request.param


@pytest.fixture(params=HISTORIES)
def history(request):
    return request.param


@pytest.fixture(scope="session")
def make_model():
    """A model whose weights are louder than fresh ones: what it hears shows in what it says."""

    def make(family, styles=("even", "odd"), loudness=2.0, cell="rhn", history="event"):
        torch.manual_seed(7)
        config = MelodyConfig(
            styles, 16, 2, latent=4, encoder_hidden=8, tag_width=4, cell=cell, history=history,
            context=WIDTH if history == "bars" else 0,
        )  # fmt: skip
        model = build(family, config).eval()
        with torch.no_grad():
            for weight in model.parameters():
                weight.mul_(loudness)
        return model

    return make
