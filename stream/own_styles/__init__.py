"""Styles that a listener has learned from tunes: files that stand beside the styles of a voice."""
