"""Name the ensembles of a voice's styles: `python -m export.to_voice.set_ensembles VOICE.onnx …`.

Each `STYLE=ENSEMBLE` names the ensemble that plays the tunes of a style unless the listener asks
for another one. The graph and everything else in the file stay.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

from export import command_line
from export.to_voice.files import write
from stream.errors import SettingsError
from stream.voices.spec import VoiceSpec, load_bytes, replace_spec, verify


def with_ensembles(spec: VoiceSpec, changes: dict[str, str]) -> VoiceSpec:
    """Return the spec with the ensembles of some styles replaced; raises `SettingsError`."""
    if unknown := sorted(changes.keys() - spec.styles.keys()):
        raise SettingsError(f"{unknown[0]}: not a style of {spec.name}: {', '.join(spec.styles)}")
    styles = {
        name: dataclasses.replace(style, ensemble=changes.get(name, style.ensemble))
        for name, style in spec.styles.items()
    }
    return dataclasses.replace(spec, styles=styles)


def main(argv: list[str] | None = None) -> int:
    """Rewrite the voice with its new description."""
    parser = argparse.ArgumentParser(
        prog="python -m export.to_voice.set_ensembles", description=__doc__
    )
    parser.add_argument("voice", type=Path, metavar="VOICE.onnx")
    parser.add_argument("changes", nargs="+", metavar="STYLE=ENSEMBLE")
    args = parser.parse_args(argv)

    def work() -> None:
        pairs = [each.partition("=") for each in args.changes]
        data = load_bytes(args.voice)
        spec = with_ensembles(
            verify(args.voice, data), {style: ensemble for style, _, ensemble in pairs}
        )
        write(args.voice, replace_spec(data, spec))

    return command_line.run(work)


if __name__ == "__main__":
    sys.exit(main())
