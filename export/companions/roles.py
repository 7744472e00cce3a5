"""The companions by name."""

from __future__ import annotations

from collections.abc import Mapping

from export.companions import drums
from export.companions.harmony import HarmonyRole
from export.companions.role import Role

ROLES: Mapping[str, Role] = {role.name: role for role in (HarmonyRole(), drums.ROLE)}
"""Companions that are trained, by name."""
