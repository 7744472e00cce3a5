"""The companions by name."""

from __future__ import annotations

from collections.abc import Mapping

from export.companions.bass import BassRole
from export.companions.comping import CompingRole
from export.companions.role import Role

ROLES: Mapping[str, Role] = {
    "bass": BassRole(),
    "comping": CompingRole(),
}
"""Companions that are trained, by name."""
