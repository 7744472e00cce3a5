"""The companions by name."""

from __future__ import annotations

from collections.abc import Mapping

from export.companions.harmony import HarmonyRole
from export.companions.role import Role

ROLES: Mapping[str, Role] = {"harmony": HarmonyRole()}
"""Companions that are trained, by name."""
