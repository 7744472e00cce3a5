"""A voice: one ONNX file whose metadata says how to play it.

The file is an ONNX model followed by two more metadata properties. `perpetuum.corpus` holds a
filter of the runs of notes that its training corpus contains; `perpetuum`, the last, holds a
`VoiceSpec` as JSON with the SHA-256 of every byte before it: a flipped bit in a weight is noticed
before it is played. Reading the spec needs neither numpy nor onnxruntime.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stream.errors import VoiceError
from stream.protobuf import find_property, with_property

FORMAT_VERSION = 2
KEY = b"perpetuum"
CORPUS_KEY = b"perpetuum.corpus"
SHIPPED = Path(__file__).parent / "voices"


@dataclass(frozen=True, slots=True)
class StyleSpec:
    """A named style: where its tunes lie in the latent space and what they look like."""

    mean: tuple[float, ...]
    """Centre of the style's latent points [Z]."""
    spread: tuple[float, ...]
    """Standard deviation along each dimension [Z]."""
    metres: Mapping[str, float]
    """Share of tunes by metre: `8x24` is a bar of 8 units of 24 ticks."""
    modes: Mapping[str, float]
    """Share of tunes by mode."""
    bounds: Mapping[str, tuple[float, float]]
    """Filter: lowest and highest value of each feature that passes."""
    forms: Mapping[str, float] = field(default_factory=lambda: {"abcd": 1.0})
    """Share of tunes by form: a letter a phrase. A letter that comes back is that phrase again, a
    capital is its first half and a new ending: `abaB`."""
    returning: float = 1.0
    """Share of a new phrase that may have been heard in its tune: as in most real tunes."""
    last_note: float = 0.0
    """Units that the last note of a tune has at least: as in most real tunes."""
    points: str = ""
    """Latent points [n, Z] of real tunes, little-endian float16 in base64: numbers as text would
    take megabytes of memory to read. Empty: points are drawn by `mean` and `spread`."""
    longest_copy: int = 2**31 - 1
    """Notes that a tune may have in a row with a tune of the training corpus: no more than other
    real tunes of the style have."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output of the step."""

    name: str
    shape: tuple[int, ...]
    """Without the leading candidate dimension."""
    dtype: str


@dataclass(frozen=True, slots=True)
class VoiceSpec:
    """Everything the runtime knows about a voice."""

    name: str
    kind: str
    """`melody`; others are reserved."""
    heads: tuple[int, ...]
    """Classes of each head; the class one past the last is the start token."""
    states: tuple[TensorSpec, ...]
    latent: int
    tags: tuple[str, ...]
    """What the columns of the step's `style` input mean, as `style:folk`, `bar:8`, `mode:minor`."""
    styles: Mapping[str, StyleSpec]
    credits: tuple[str, ...]
    """Training data, each with its licence and the notice to keep."""
    quality: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    """Commit of the code that trained it."""
    model: Mapping[str, int | str] = field(default_factory=dict)
    """Family, cell and sizes of the model that it was made of; for information."""
    digest: str = ""
    """SHA-256 of the bytes before the spec."""
    format_version: int = FORMAT_VERSION


def append_spec(model: bytes, spec: VoiceSpec, corpus: bytes = b"") -> bytes:
    """The voice file: a serialised ONNX model, its corpus filter if any, and its spec behind it."""
    if corpus:
        model = with_property(model, CORPUS_KEY, corpus)
    document = dataclasses.asdict(
        dataclasses.replace(spec, digest=hashlib.sha256(model).hexdigest())
    )
    value = json.dumps(document, separators=(",", ":")).encode()
    return with_property(model, KEY, value)


def corpus_filter(data: bytes) -> bytes:
    """The corpus filter inside a voice's verified bytes; empty where it has none."""
    try:
        return find_property(data, CORPUS_KEY)[1]
    except LookupError:
        return b""


def replace_spec(voice: bytes, spec: VoiceSpec) -> bytes:
    """The voice file with another spec; `voice` is one that `verify` lets pass."""
    start, _ = find_property(voice, KEY)
    return append_spec(voice[:start], spec)


def read_spec(path: Path) -> VoiceSpec:
    """Read and verify a voice's spec. `VoiceError` names the file and what is wrong with it."""
    return verify(path, load_bytes(path))


def load_bytes(path: Path) -> bytes:
    """Bytes of a voice file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise VoiceError(f"voice {path}: can not be read: {error.strerror}") from error


def verify(path: Path, data: bytes) -> VoiceSpec:
    """The spec inside a voice's bytes; `path` is for the error message."""
    try:
        start, value = find_property(data, KEY)
        document = json.loads(value)
    except ValueError as error:
        raise VoiceError(f"voice {path}: damaged, or no ONNX file: copy it again") from error
    except LookupError as error:
        raise VoiceError(
            f"voice {path}: an ONNX file but no voice; make voices with python -m export.to_voice"
        ) from error
    return _checked(path, document, hashlib.sha256(memoryview(data)[:start]).hexdigest())


def _checked(path: Path, document: Any, digest: str) -> VoiceSpec:
    version = document.get("format_version") if isinstance(document, dict) else None
    if version != FORMAT_VERSION:
        raise VoiceError(
            f"voice {path}: format version {version}, this program reads {FORMAT_VERSION}: "
            "export the voice again or update the program"
        )
    try:
        spec = _from_dict(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VoiceError(f"voice {path}: its description is incomplete ({error!r})") from error
    if spec.digest != digest:
        raise VoiceError(f"voice {path}: damaged (checksum differs): copy it again")
    return spec


def _from_dict(document: dict[str, Any]) -> VoiceSpec:
    fields = dict(document)
    fields["heads"] = tuple(fields["heads"])
    fields["tags"] = tuple(fields["tags"])
    fields["credits"] = tuple(fields["credits"])
    fields["states"] = tuple(
        TensorSpec(s["name"], tuple(s["shape"]), s["dtype"]) for s in fields["states"]
    )
    fields["styles"] = {name: _style(style) for name, style in fields["styles"].items()}
    return VoiceSpec(**fields)


def _style(document: dict[str, Any]) -> StyleSpec:
    fields = dict(document)
    fields["mean"], fields["spread"] = tuple(fields["mean"]), tuple(fields["spread"])
    fields["bounds"] = {k: (low, high) for k, (low, high) in fields["bounds"].items()}
    return StyleSpec(**fields)


def find_voice(name: str) -> Path:
    """Path of a shipped voice by name, or of a voice file by path."""
    path = Path(name)
    if path.suffix == ".onnx" or "/" in name:
        if not path.is_file():
            raise VoiceError(f"voice {name}: no such file; shipped voices: {_names()}")
        return path
    shipped = SHIPPED / f"{name}.onnx"
    if not shipped.is_file():
        raise VoiceError(f"voice {name!r}: unknown; shipped voices: {_names()}, or give a path")
    return shipped


def shipped_voices() -> tuple[Path, ...]:
    """The voices that came with the program."""
    return tuple(sorted(SHIPPED.glob("*.onnx")))


def _names() -> str:
    return ", ".join(p.stem for p in shipped_voices()) or "none"
