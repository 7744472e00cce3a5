"""The companions by name."""

from __future__ import annotations

from collections.abc import Mapping

from export.companions.hymnal import HYMNAL_ROLE
from export.companions.role import Role

ROLES: Mapping[str, Role] = {HYMNAL_ROLE.name: HYMNAL_ROLE}
"""Companions that are trained, by name."""
