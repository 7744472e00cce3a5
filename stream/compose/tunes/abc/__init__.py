"""Reader for ABC (standard 2.1)."""

from stream.compose.tunes.abc.tunes import read_abc

__all__ = ["read_abc"]
