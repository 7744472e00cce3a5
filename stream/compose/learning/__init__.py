"""Learning a style from tunes: read them, search for their place in a voice, describe it."""
