"""Lateness under load: one player with real-time priority, one without, and a bare sleep loop."""


def under_load(minutes):
    return []
