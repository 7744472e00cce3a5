"""Dynamic evaluation, which the table does not count: models that go on learning as they listen.

The rate and the length of a chunk are those of `export.polyphony.adapt`. Readings are kept beside
the others, `OUT/SET/SYSTEM-SEED.adapted.json`.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from benchmarks.frames.runs import Study, trained
from benchmarks.frames.systems import System
from export import checkpoint
from export.corpus.rolls import RollSet
from export.models.polyphony.frame_model import Exact
from export.polyphony.adapt import LENGTH, RATE, nats_per_frame
from stream.errors import SettingsError


def learning_on(study: Study, system: System, found: RollSet) -> list[float]:
    """Nats per frame of each seed's model; `adapted` tells of what."""
    places = {
        seed: study.place(system.name, found.name, seed)
        for seed in range(1, study.count(system, found.name) + 1)
    }
    return [
        adapted(trained(study, system, found, seed), found, Path(f"{place}.adapted.json"))
        for seed, place in places.items()
    ]


def adapted(best: Path, found: RollSet, kept: Path) -> float:
    """Nats per frame of the test split, each piece from the weights as they were trained.

    Raises `SettingsError` for a model whose likelihood is not exact.
    """
    asked = {"model": best.stat().st_mtime_ns, "rate": RATE, "length": LENGTH}
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        document = json.loads(kept.read_bytes())
        if document["asked"] == asked:
            return float(document["nats"])
    family, model, _ = checkpoint.load_frame_model(best)
    if not isinstance(model, Exact):
        raise SettingsError(f"--adapted {family}: has no exact likelihood to adapt to")
    column = model.config.column(found.name)
    nats = nats_per_frame(model, found.test, rate=RATE, length=LENGTH, column=column)
    kept.parent.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(".part")
    partial.write_text(json.dumps({"asked": asked, "nats": nats}), encoding="utf-8")
    partial.replace(kept)
    return nats
