"""The taste of a listener: a small model of the stars that were given to kept tunes."""
