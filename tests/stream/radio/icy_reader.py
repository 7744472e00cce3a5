"""Takes a stream with titles apart, as players do."""

import re


def taken_apart(data, interval):
    """The sound, and each title with its place in it."""
    sound, titles = b"", []
    while len(data) > interval:
        sound, rest = sound + data[:interval], data[interval:]
        length = 16 * rest[0]
        text = rest[1 : 1 + length].rstrip(b"\0").decode()
        if len(rest) > length and text:
            titles.append((len(sound), re.fullmatch(r"StreamTitle='([^']*)';", text)[1]))
        data = rest[1 + length :]
    return sound + data, titles
