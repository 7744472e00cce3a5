"""An own style for tests, of the tiny voice with outlines."""

import dataclasses

from stream.own_styles.own_style import Learned, OwnStyle
from stream.voices.spec import digest, read_spec
from tests.stream.compose.conftest import OUTLINED


def own_style(name="mine", **changes):
    """The style `even` of the tiny voice, as if it were learned."""
    spec = read_spec(OUTLINED)
    even = spec.styles["even"]
    style = OwnStyle(
        **{f.name: getattr(even, f.name) for f in dataclasses.fields(even)} | {"points": ""},
        tags={"style:even": 0.5, "style:odd": 0.25},
    )
    style = dataclasses.replace(style, **changes)
    return Learned(name, spec.name, digest(OUTLINED), "even", 5, (2.0, 1.5), style)
