"""Dynamic evaluation, outside the table: models that go on learning on the test split.

The rate and the length of a chunk are those of `export.papers.rnn_dbn.dynamic_evaluation`. Readings
are stored beside the others in `OUT/SET/SYSTEM-SEED.adapted.json`.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.polyphony.runs import Study, trained
from benchmarks.polyphony.systems import System
from benchmarks.support.resume import cached
from export.corpus.rolls import RollSet
from export.models.polyphony.frame_model import Exact
from export.papers.rnn_dbn.dynamic_evaluation import LENGTH, RATE, nats_per_frame
from export.training import checkpoint
from export.training.kinds import FRAMES
from stream.errors import SettingsError


def adapted_nats(study: Study, system: System, found: RollSet) -> list[float]:
    """Return nats per frame of each seed's model, as in `adapted`."""
    folders = {
        seed: study.folder(system.name, found.name, seed)
        for seed in range(1, study.count(system, found.name) + 1)
    }
    return [
        adapted(trained(study, system, found, seed), found, Path(f"{folder}.adapted.json"))
        for seed, folder in folders.items()
    ]


def adapted(best: Path, found: RollSet, path: Path) -> float:
    """Return nats per frame of the test split; each piece starts with the trained weights.

    Raises `SettingsError` for a model whose likelihood is not exact.
    """
    request = {"model": best.stat().st_mtime_ns, "rate": RATE, "length": LENGTH}
    return float(cached(path, request, lambda: {"nats": _adapted(best, found)})["nats"])


def _adapted(best: Path, found: RollSet) -> float:
    trained, model = checkpoint.load_model(best, FRAMES)
    if not isinstance(model, Exact):
        raise SettingsError(f"--adapted {trained.kind}: has no exact likelihood to adapt to")
    column = model.config.column(found.name)
    return nats_per_frame(model, found.test, rate=RATE, length=LENGTH, column=column)
