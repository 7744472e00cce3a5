"""Make `tiny.mid`: the music of the voice `tiny.onnx`, whose weights are fp32, for one seed.

    python tests/data/make_golden.py

Every machine of every architecture must render these bytes.
"""

import subprocess
import sys
from pathlib import Path

DATA = Path(__file__).parent
ARGUMENTS = ("render", "--voice", "tiny.onnx", "--seed", "7", "--minutes", "2")


def main() -> None:
    (DATA / "tiny.mid").unlink(missing_ok=True)
    subprocess.run([sys.executable, "-m", "stream", *ARGUMENTS, "tiny.mid"], cwd=DATA, check=True)


if __name__ == "__main__":
    main()
