"""Play the fake composer's stream: play_fake.py MINUTES FAULT SINK ...; print the counters.

The exit codes are those of the command line: 0 by signal or length, 2 with one line on an error.
"""

import pathlib
import sys

from stream.errors import StreamError
from stream.music.note import Controls
from stream.play.composer.phrase_client import PhraseClient
from stream.play.player import Participants, play
from stream.play.session import Session
from stream.play.sinks.router import Router
from stream.play.sinks.spec import open_sink
from stream.play.view.log import Log
from stream.util.stop_signals import stop_signals

COMPOSER = pathlib.Path(__file__).with_name("fake_composer.py")


class Raising(Log):
    """An observer that raises at the second phrase."""

    def phrase_started(self, moment):
        super().phrase_started(moment)
        if moment.stats.phrases == 2:
            message = "a fault in the program"
            raise ZeroDivisionError(message)


def main() -> int:
    minutes, fault, *sinks = sys.argv[1:]
    log = Raising() if fault == "raise" else Log()
    try:
        link = PhraseClient([sys.executable, str(COMPOSER), *fault.split()])
        session = Session(seed=1, controls=Controls(bpm=480.0), minutes=float(minutes))
        with stop_signals() as stop:
            outputs = Router([open_sink(sink) for sink in sinks])
            stats = play(link, outputs, session=session, participants=Participants(log), stop=stop)
    except StreamError as error:
        print(error, file=sys.stderr)
        return 2
    print(stats.to_json())
    print(*sorted({"numpy", "onnxruntime"} & set(sys.modules)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
