from collections.abc import Iterator
from pathlib import Path
from export.corpus.tune import Tune


def read_abc(path: Path, style: str) -> Iterator[Tune]: ...
