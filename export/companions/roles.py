"""The companions by name."""

from __future__ import annotations

from collections.abc import Mapping

from export.companions.role import Role

ROLES: Mapping[str, Role] = {}
"""Companions that are trained, by name."""
