"""Tunes from files, normalized and written strain by strain, as voices of melodies read them."""
