"""What every program that makes a voice ends with: the facts of its parity, and an exit code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from stream.errors import StreamError


def told(make: Callable[[argparse.Namespace], Mapping[str, Any]], args: argparse.Namespace) -> int:
    """Make the voice and print its facts as JSON.

    The exit code: 0, 1 where parity does not hold (`passed`), 2 for what the user can mend.
    """
    try:
        facts = make(args)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(facts))
    return 0 if facts["passed"] else 1
