"""Archives of arrays, checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export.corpus.melody_npz import FAULTS
from stream.errors import CorpusError


def archive(path: Path) -> Mapping[str, Any]:
    """Return the arrays of an .npz file by name. Raises `CorpusError` if it is not readable."""
    try:
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except FAULTS as error:
        raise CorpusError(f"{path}: not a readable .npz archive ({error})") from error
