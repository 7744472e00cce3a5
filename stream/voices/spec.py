"""A voice: one ONNX file whose metadata describes how to play it.

The file is an ONNX model followed by more metadata properties. `perpetuum.corpus` holds a filter of
the runs of notes in its training corpus, `perpetuum` a `VoiceSpec` as JSON, and `perpetuum.seal`,
the last, the SHA-256 of every byte before it, so that a flipped bit is found before the voice is
used. Reading the spec needs neither numpy nor onnxruntime.
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
from stream.util import regular_file
from stream.util.suggestion import did_you_mean, meant
from stream.util.validate import parsed, shown
from stream.voices.audio_spec import AudioSpec
from stream.voices.protobuf import find_property, with_property
from stream.voices.schema import checked_description, stored_style, style_attributes
from stream.voices.style_spec import StyleSpec as StyleSpec  # noqa: PLC0414 (part of a voice)

FORMAT_VERSION = 3
KEY = b"perpetuum"
CORPUS_KEY = b"perpetuum.corpus"
SEAL_KEY = b"perpetuum.seal"
MOST_BYTES = 32 * 2**20
MOST_SPEC_BYTES = 2**20
SHIPPED = Path(__file__).parent
COMPANIONS = SHIPPED / "companions"
"""Folder of the voices that compose a part for the phrases of another voice."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output of the step."""

    name: str
    shape: tuple[int, ...]
    """Shape without the leading dimension of candidates."""
    dtype: str


@dataclass(frozen=True, slots=True)
class VoiceSpec:
    """Everything the runtime knows about a voice."""

    name: str
    kind: str
    """`melody`, `chorale`, `pianoroll`, `chords_melody` or `audio`; a companion has the kind of its
    part: `harmony`, `comping`, `bass`, `drums` or `hymnal`."""
    heads: tuple[int, ...]
    """Classes of each head; the class one past the last is the start token. Sound has no heads."""
    states: tuple[TensorSpec, ...]
    latent: int
    tags: tuple[str, ...]
    """Meanings of the columns of the step's `style` input, as `style:folk`, `bar:8`, `mode:minor`;
    `set:jsb` is the weight of the style of that name, `closing` rises before the end of a tune."""
    styles: Mapping[str, StyleSpec]
    credits: tuple[str, ...]
    """Training data, each with its license and the notice to keep."""
    quality: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    """Commit of the code that trained it."""
    model: Mapping[str, float | str] = field(default_factory=dict)
    """Family, cell and sizes of the model, for information."""
    noise: int = 0
    """Uniform numbers that a step takes for each candidate; 0 means one a head."""
    ticks: int = 0
    """Ticks in a frame, for a kind that leaves it open; 0 for the kind's default."""
    context: int = 0
    """Width of the step's `context` input, for a companion; 0: the step has no such input."""
    audio: AudioSpec | None = None
    """Spec of the sound, for the kind `audio` only."""
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        if not self.noise:
            object.__setattr__(self, "noise", len(self.heads))


def append_spec(model: bytes, spec: VoiceSpec, corpus: bytes = b"") -> bytes:
    """Return the voice file: a serialized ONNX model, corpus filter if any, spec and seal."""
    if corpus:
        model = with_property(model, CORPUS_KEY, corpus)
    value = json.dumps(document_of(spec), separators=(",", ":")).encode()
    return with_seal(with_property(model, KEY, value))


def document_of(spec: VoiceSpec) -> dict[str, Any]:
    """Return the description of a voice as its file stores it."""
    document = dataclasses.asdict(spec)
    document["styles"] = {name: stored_style(each) for name, each in document["styles"].items()}
    return document


def with_seal(content: bytes) -> bytes:
    """Return `content` and the checksum of all of it, as the last property."""
    return content + _seal(memoryview(content))


def _seal(content: memoryview) -> bytes:
    return with_property(b"", SEAL_KEY, hashlib.sha256(content).hexdigest().encode())


def corpus_filter(data: bytes) -> bytes:
    """Return the corpus filter inside a voice's verified bytes; empty without one."""
    try:
        return find_property(data, CORPUS_KEY)[1]
    except LookupError:
        return b""


def replace_spec(voice: bytes, spec: VoiceSpec) -> bytes:
    """Return the voice file with another spec; `voice` has passed `verify`."""
    start, _ = find_property(voice, KEY)
    return append_spec(voice[:start], spec)


def read_spec(path: Path) -> VoiceSpec:
    """Return a voice's verified spec. `VoiceError` names the file and what is wrong with it."""
    return verify(path, load_bytes(path))


def load_bytes(path: Path) -> bytes:
    """Return the bytes of a voice file, `MOST_BYTES` at most. Raises `VoiceError`."""
    try:
        return regular_file.read(path, MOST_BYTES)
    except OSError as error:
        raise VoiceError(
            f"voice {path}: cannot be read: {error.strerror}; give a voice file of about a megabyte"
        ) from error


def verify(path: Path, data: bytes) -> VoiceSpec:
    """Return the spec inside a voice's bytes; `path` is for the error message."""
    try:
        document = description(data)
    except ValueError as error:
        raise VoiceError(f"voice {path}: damaged, or not an ONNX file; copy it again") from error
    except LookupError as error:
        raise VoiceError(
            f"voice {path}: an ONNX file but not a voice; "
            "make voices with python -m export.melody.to_voice"
        ) from error
    version = document.get("format_version")
    if version != FORMAT_VERSION:
        raise VoiceError(
            f"voice {path}: format version {shown(version)}, this program reads {FORMAT_VERSION}: "
            "export the voice again or update the program"
        )
    if not _seal_matches(data):
        raise VoiceError(f"voice {path}: damaged (checksum differs); copy it again")
    try:
        return _spec(document)
    except (ValueError, KeyError, TypeError) as error:
        raise VoiceError(f"voice {path}: its description is invalid ({error})") from error


def description(data: bytes) -> dict[str, Any]:
    """Return the JSON inside a voice's bytes; only its size is checked.

    Raises `LookupError` without a description, `ValueError` if it is invalid.
    """
    _, value = find_property(data, KEY)
    if len(value) > MOST_SPEC_BYTES:
        raise ValueError(f"a description of {len(value)} bytes")
    return parsed(value)


def _seal_matches(data: bytes) -> bool:
    """Return True if the file is complete, to its last byte."""
    try:
        start, _ = find_property(data, SEAL_KEY)
    except (LookupError, ValueError):
        return False
    return data[start:] == _seal(memoryview(data)[:start])


def _spec(document: Mapping[str, Any]) -> VoiceSpec:
    """Return the spec in a parsed document. Raises `ValueError`, `KeyError` or `TypeError`."""
    found = checked_description(document)
    found["states"] = tuple(TensorSpec(**state) for state in found["states"])
    if found.get("audio") is not None:
        found["audio"] = AudioSpec(**found["audio"])
    found["styles"] = {
        name: StyleSpec(**style_attributes(style)) for name, style in found["styles"].items()
    }
    return VoiceSpec(**found)


def find_voice(name: str) -> Path:
    """Return the path of a shipped voice by name, or of a voice file. Raises `VoiceError`."""
    path = Path(name)
    if path.suffix == ".onnx" or "/" in name:
        fault = regular_file.fault(path)
        if fault:
            raise VoiceError(f"voice {name}: {fault}; shipped voices: {_names()}")
        return path
    known = [voice.stem for voice in shipped_voices()]
    shipped = SHIPPED / f"{meant(name, known)}.onnx"
    if regular_file.fault(shipped):
        raise VoiceError(
            f"voice {name!r}: unknown; shipped voices: {_names()}, or give a path"
            + did_you_mean(name, known)
        )
    return shipped


def find_companion(name: str) -> Path | None:
    """Return the path of a shipped companion by name; None for any other name."""
    path = COMPANIONS / f"{name}.onnx"
    return path if "/" not in name and path.is_file() else None


def digest(path: Path) -> str:
    """Return the SHA-256 of a voice file in hexadecimal. Raises `VoiceError` if unreadable."""
    return hashlib.sha256(load_bytes(path)).hexdigest()


def shipped_voices() -> tuple[Path, ...]:
    """Return the paths of the voices that are shipped with the program."""
    return tuple(sorted(SHIPPED.glob("*.onnx")))


def _names() -> str:
    return ", ".join(p.stem for p in shipped_voices()) or "none"
