"""Give the package index a README whose links lead somewhere; all else is in pyproject.toml."""

import re
import tomllib
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?://|#)([^)\s]+)\)")
"""A link or an image of the README whose address is a path in the repository."""


def absolute(text: str, repository: str) -> str:
    """Return Markdown whose relative links and images lead into the repository's main branch."""
    return LINK.sub(lambda found: _link(repository, *found.groups()), text)


def _link(repository: str, image: str, text: str, path: str) -> str:
    kind = "raw" if image else "blob"
    return f"{image}[{text}]({repository}/{kind}/main/{path})"


if __name__ == "__main__":
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    setup(
        long_description=absolute(
            (HERE / "README.md").read_text(encoding="utf-8"), project["urls"]["Source"]
        ),
        long_description_content_type="text/markdown",
    )
