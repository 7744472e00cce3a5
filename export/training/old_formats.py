"""Older layouts of checkpoints, converted to the present one.

| layout | header | arrays |
|---|---|---|
| models of notes | format 1, family, config, progress | weight/…, optimiser/…, average/… |
| models of sound | format 1, family, config, facts | bare names of weights |
| blues | config, progress | bare names of weights |
| melody LSTM | plan, curve, seconds | weight/… |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

Header = dict[str, Any]
Arrays = Mapping[str, NDArray[Any]]


def converted(header: Header, arrays: Arrays) -> tuple[Header, Arrays]:
    """Return header and arrays of a checkpoint of any older layout in the present layout."""
    if "curve" in header:
        return _melody_lstm(header), arrays
    if header.get("format") == 1 and "progress" in header:
        spelled = {
            name.replace("optimiser/", "optimizer/", 1): value for name, value in arrays.items()
        }
        return _present(header["family"], header["config"], header["progress"]), spelled
    weights = {f"weight/{name}": value for name, value in arrays.items()}
    if "facts" in header:
        facts = header["facts"]
        progress = {**facts, "best": facts["dev"]}
        return _present(header["family"], header["config"], progress), weights
    return _present("trio", header["config"], header["progress"]), weights


def _present(kind: str, config: Header, progress: Header) -> Header:
    """Return a header in the present layout; older runs kept the plan in the progress."""
    rest = {name: value for name, value in progress.items() if name != "plan"}
    return {
        "kind": kind, "config": config, "plan": progress.get("plan", {}), "progress": rest,
        "corpora": [],
    }  # fmt: skip


def _melody_lstm(header: Header) -> Header:
    """Return the header of a melody LSTM: the plan of the tune model holds a configuration."""
    plan = header["plan"]
    kind, config = ("tune", plan["config"]) if "config" in plan else ("window", plan)
    progress = {"curve": header["curve"], "seconds": header["seconds"], "plan": plan}
    return _present(kind, config, progress)
