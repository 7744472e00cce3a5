"""Harmony: the tonic, what is heard, the chords as frames and notes, and their rules."""
