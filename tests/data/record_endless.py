"""Record to the given file until killed; write the time of each note to stdout as a double first.

Music is flushed every 4 s. Time is virtual, and waits so that a flush never takes more than 0.75 s:
the loss at a kill does not depend on the machine.
"""

import itertools
import os
import pathlib
import struct
import sys
import threading

import mido

from stream.play.recording import writer_thread
from stream.play.recording.growing_midi_file import GrowingTrack
from stream.play.sinks.midifile import MidiFileSink
from stream.play.timing.scheduler import ON, TimedMessage

STEP_SECONDS = 0.25
FLUSH_STEPS, DISK_STEPS = 16, 3

if __name__ == "__main__":
    written = threading.Semaphore(0)
    grow = GrowingTrack.grow

    def grow_and_count(self, parts):
        grow(self, parts)
        written.release(len(parts))

    GrowingTrack.grow = grow_and_count
    writer_thread.PAUSE_SECONDS = 0.0
    sink = MidiFileSink(pathlib.Path(sys.argv[1]))
    for step in itertools.count():
        time = step * STEP_SECONDS
        os.write(1, struct.pack("d", time))
        note = mido.Message("note_on", note=step % 128, velocity=80)
        sink.send(TimedMessage(time, ON, note))
        if step % FLUSH_STEPS == FLUSH_STEPS - 1:
            sink.flush(time)
        if step > FLUSH_STEPS and step % FLUSH_STEPS == DISK_STEPS - 1:
            written.acquire()
