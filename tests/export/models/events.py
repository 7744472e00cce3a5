"""Events and tunes that the tests of counting models share."""

from hypothesis import strategies as st

from stream.compose.melody.vocabulary import REST, REST_OCTAVE, SIZES

A, B, C, PAUSE = (0, 3, 5), (4, 3, 5), (7, 2, 2), (REST, REST_OCTAVE, 5)
EVERY = [
    (p, o, d)
    for p in range(SIZES[0])
    for o in range(SIZES[1])
    for d in range(SIZES[2])
    if (p == REST) == (o == REST_OCTAVE)
]
"""All legal events."""
events = st.sampled_from([A, B, C, PAUSE])
tunes = st.lists(st.lists(events, min_size=1, max_size=8), min_size=1)
