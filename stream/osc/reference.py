"""`python -m stream.osc.reference docs/osc.md`: write the table of controls into the page."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from stream.music.controls import CONTROLS
from stream.osc.commands import PREFIX

SECTION = re.compile(r"(?<=\n### Controls\n\n).*?(?=\n\n)", re.DOTALL)
"""Table below the heading of the controls."""
HEAD = "| address | value | |\n|---|---|---|"


def documented(page: str) -> str:
    """Return the page with the table of controls as they are now."""
    rows = (
        f"| `{PREFIX}{name}` | {control.range or 'text'} | {control.text} |"
        for name, control in CONTROLS.items()
    )
    return SECTION.sub(lambda _: "\n".join((HEAD, *rows)), page)


def main() -> None:
    """Rewrite the page that the command line names."""
    path = Path(sys.argv[1])
    path.write_text(documented(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
