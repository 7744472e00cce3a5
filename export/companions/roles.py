"""The companions by name."""

from __future__ import annotations

from collections.abc import Mapping

from export.companions import drums
from export.companions.bass import BassRole
from export.companions.comping import CompingRole
from export.companions.harmony import HarmonyRole
from export.companions.hymnal import HYMNAL_ROLE
from export.companions.role import Role

_ROLES: tuple[Role, ...] = (HarmonyRole(), BassRole(), CompingRole(), HYMNAL_ROLE, drums.ROLE)
ROLES: Mapping[str, Role] = {role.name: role for role in _ROLES}
"""Companions that are trained, by name."""
