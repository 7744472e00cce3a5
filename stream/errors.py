"""Every error a user can meet. Each is one line: the value, what is allowed, what to do.

The command line prints the line and ends with the error's exit code: 2 if a person has to change
something, 1 if another try may go well, as a service manager makes it. Errors of other libraries
are translated once, where we call them; each child also is the builtin that fits it.
"""

from typing import ClassVar

from stream.util.printable import visible

LONGEST = 1000
"""Characters of a message."""


class StreamError(Exception):
    """Base of all errors that are the user's or the machine's, not ours."""

    exit_code: ClassVar[int] = 2

    def __str__(self) -> str:
        """One line, whatever names and values of others it holds: nothing a terminal obeys."""
        message = super().__str__()
        if len(message) > LONGEST:
            message = f"{message[: LONGEST // 2]} … {message[-LONGEST // 2 :]}"
        return visible(message)


class SettingsError(StreamError, ValueError):
    """A flag or a key of the configuration file is unknown, malformed or out of range."""


class VoiceError(StreamError, ValueError):
    """A voice file is missing, damaged, of another version, or no voice at all."""


class SinkError(StreamError, OSError):
    """An output can not be opened, or was lost while playing."""


class OutputError(StreamError, OSError):
    """What a command prints can not be written: a disk is full, or standard output is closed."""

    exit_code = 1


class LostError(SinkError):
    """An output was lost for good, but may be there for the next program."""

    exit_code = 1


class InputError(StreamError, OSError):
    """A MIDI input can not be opened, or was lost."""


class AddressError(StreamError, OSError):
    """An address of this machine is not there yet, or another program has it."""

    exit_code = 1


class ComposerError(StreamError, RuntimeError):
    """The composer process could not start, or keeps failing."""

    exit_code = 1


class MessageError(StreamError, ValueError):
    """A line between the player and the composer is no request, or no phrase."""


class CorpusError(StreamError, ValueError):
    """A corpus, a MIDI file or an ABC file can not be read, or nothing usable is in it."""


class RecordingError(StreamError, ValueError):
    """A file is no recording of ours, or a damaged one."""


def named(name: object) -> type[StreamError]:
    """The error of that name, as one process tells it to another; else `ComposerError`."""
    kinds = {kind.__name__: kind for kind in StreamError.__subclasses__()}
    return kinds.get(str(name), ComposerError)
