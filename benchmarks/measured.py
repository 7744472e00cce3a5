"""The voices and the script behind each page: a page is stale once one of them has changed.

`results/measured` holds their fingerprints at the time of measuring. That of a voice is of
what it plays and of its description: a graph that is written in another way and plays the very same
events is the same voice. That of a script is of its code without comments and docstrings.
"""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import importlib.util
import json
from pathlib import Path

import numpy as np

from benchmarks import script
from stream.compose.step import Point, Step
from stream.voices.schema import AUDIO
from stream.voices.spec import document_of, load_bytes, read_spec

VOICES = Path(__file__).parents[1] / "stream" / "voices"
COMPANIONS = tuple(sorted(path.relative_to(VOICES).as_posix() for path in VOICES.glob("*/*.onnx")))
COMMONS = ("commons.onnx",)
MEASURED = {
    **dict.fromkeys(
        ("baselines", "chord_tones", "compose", "filter", "filter_cost", "footprint",
         "lateness", "listen", "memory_knobs", "novelty", "plays_with_you", "realism",
         "sampling", "soak", "start", "styles", "taste", "yours"),
        COMMONS,
    ),
    **dict.fromkeys(("ensemble_speed", "whole"), (*COMMONS, *COMPANIONS)),
    "audio_stream": ("gruv.onnx", "wave.onnx"),
    "board": (*COMMONS, "piano.onnx", "session.onnx", *COMPANIONS),
    "bass": ("companions/bass.onnx",),
    "chorale": ("chorale.onnx",),
    "comping": ("companions/comping.onnx",),
    "drums": ("companions/drums.onnx",),
    "field": (
        *COMMONS, "blues.onnx", "chorale.onnx", "piano.onnx", "rnn-dbn.onnx", "session.onnx",
        *COMPANIONS,
    ),
    "frame_cost": ("blues.onnx", "chorale.onnx", "piano.onnx", "rnn-dbn.onnx", "session.onnx"),
    "harmony": ("companions/harmony.onnx",),
    "hours": (*COMMONS, *COMPANIONS),
    "hymnal": ("companions/hymnal.onnx",),
}  # fmt: skip
"""Voices that play in a page, by the name of its script. Other pages are of models of their own, or
of the player."""
STEPS, CANDIDATES = 200, 8
Fingerprints = dict[str, str]


def fingerprints(name: str) -> Fingerprints:
    """Return the fingerprint of each voice and of the script of a page."""
    found = {voice: of_voice(VOICES / voice) for voice in MEASURED.get(name, ())}
    module = importlib.util.find_spec(script.module(name))
    if module is not None and module.origin:
        found["script"] = of_script(Path(module.origin).read_text(encoding="utf-8"))
    return found


def of_voice(path: Path) -> str:
    """Return the fingerprint of a voice; that of its file if it makes sound."""
    spec = read_spec(path)
    if spec.kind == AUDIO:
        return _digest(load_bytes(path))
    step = Step(path, {spec.kind: (spec.heads,)})
    rng = np.random.default_rng(0)
    point = Point(
        rng.standard_normal((CANDIDATES, spec.latent)).astype(np.float32),
        np.full((CANDIDATES, len(spec.tags)), 1 / max(len(spec.tags), 1), np.float32),
        context=np.zeros((CANDIDATES, spec.context), np.float32) if spec.context else None,
    )
    state = step.initial().tiled(CANDIDATES)
    played = []
    for _ in range(STEPS):
        state = step(state, point, rng.random((CANDIDATES, spec.noise), np.float32)).state
        played.append(state.token)
    description = dataclasses.replace(spec, source="", quality={})
    document = json.dumps(document_of(description), sort_keys=True)
    return _digest(np.array(played).tobytes() + document.encode())


def of_script(source: str) -> str:
    """Return the fingerprint of a module's code."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            body[:] = [each for each in body if not _is_docstring(each)]
    return _digest(ast.dump(tree).encode())


def note(name: str, folder: Path) -> None:
    """Store the fingerprints of a page that has just been measured."""
    path = _path(name, folder)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(fingerprints(name)) + "\n", encoding="utf-8")


def read(name: str, folder: Path) -> Fingerprints:
    """Return the fingerprints of a page at the time of measuring; none if they are unknown."""
    path = _path(name, folder)
    found: Fingerprints = json.loads(path.read_bytes()) if path.exists() else {}
    return found


def _path(name: str, folder: Path) -> Path:
    return folder / "measured" / f"{name}.json"


def changed(name: str, folder: Path) -> list[str]:
    """Return what has changed since a page was measured: voices, or the script."""
    now, then = fingerprints(name), read(name, folder)
    return [each for each in now if now[each] != then.get(each)]


def _is_docstring(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
