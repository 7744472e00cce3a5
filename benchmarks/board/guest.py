"""The program whose instructions are counted: it composes phrases, and marks each of them.

    python -m benchmarks.board.guest VOICE STYLE ENSEMBLE PHRASES SEED

It imports the runtime alone, as it runs in an emulated system that has nothing else. A mark is the
system call of `os.getpriority`, which nothing else here makes: one when the composer is ready, one
after each phrase. The printed document has the seconds of music, those of the processor, and the
bytes of all files that were mapped or imported.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from stream.compose.composer import Composer
from stream.music.note import Controls, ticks_to_seconds
from stream.music.stream_position import StreamPosition
from stream.voices.spec import find_voice

BPM = 120.0


def mark() -> None:
    """Make the system call that is counted as a mark."""
    os.getpriority(os.PRIO_PROCESS, 0)


def files_read() -> int:
    """Return the bytes of the libraries that are mapped and of the modules that are imported."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    found = {words[5] for line in maps if len(words := line.split(maxsplit=5)) == 6}
    modules = [getattr(m, "__cached__", None) for m in list(sys.modules.values())]
    found |= {path for path in modules if path}
    return sum(p.stat().st_size for p in map(Path, found) if p.is_absolute() and p.is_file())


def main() -> None:
    voice, style, ensemble, phrases, seed = sys.argv[1:]
    composer = Composer(find_voice(voice))
    controls = Controls(bpm=BPM, ensemble=ensemble, style=(((style, 1.0),),))
    position = StreamPosition(int(seed), controls)
    mark()
    music, processor = [], []
    for _ in range(int(phrases)):
        begun = time.process_time()
        phrase = composer.compose(position.request)
        processor.append(time.process_time() - begun)
        mark()
        position = position.after(phrase)
        music.append(ticks_to_seconds(phrase.length, phrase.bpm))
    print(json.dumps({"music": music, "processor": processor, "files": files_read()}))


if __name__ == "__main__":
    main()
