"""All errors a user can meet. Each message is one line: the value, what is accepted, what to do.

The command line prints the line and ends with the error's exit code: 2 if a person has to change
something, 1 if another try, such as a service manager's, may succeed. Errors of other libraries are
translated where they are called. Each subclass is also the built-in exception that fits it.
"""

from typing import ClassVar

from stream.util.printable import visible

LONGEST = 1000
"""Limit for the characters of a message."""


class StreamError(Exception):
    """Base of all errors that come from the user or the machine, not from the program."""

    exit_code: ClassVar[int] = 2

    def __str__(self) -> str:
        """Return one line without control characters, whatever names and values it contains."""
        message = super().__str__()
        if len(message) > LONGEST:
            message = f"{message[: LONGEST // 2]} … {message[-LONGEST // 2 :]}"
        return visible(message)


class SettingsError(StreamError, ValueError):
    """A flag or a key of the configuration file is unknown, malformed or out of range."""


class VoiceError(StreamError, ValueError):
    """A voice file is missing, damaged, of another version, or not a voice."""


class SinkError(StreamError, OSError):
    """An output cannot be opened, or was lost while playing."""


class OutputError(StreamError, OSError):
    """Output of a command cannot be written: a disk is full, or standard output is closed."""

    exit_code = 1


class LostError(SinkError):
    """An output was lost for the rest of this program, but the next one may open it again."""

    exit_code = 1


class InputError(StreamError, OSError):
    """A MIDI input cannot be opened, or was lost."""


class AddressError(StreamError, OSError):
    """An address of this machine is not available yet, or another program uses it."""

    exit_code = 1


class ComposerError(StreamError, RuntimeError):
    """The composer process could not start, or keeps failing."""

    exit_code = 1


class MessageError(StreamError, ValueError):
    """A line between the player and the composer is not a valid request or phrase."""


class CorpusError(StreamError, ValueError):
    """A corpus, a MIDI file or an ABC file cannot be read, or contains nothing usable."""


class RecordingError(StreamError, ValueError):
    """A file is not a recording by this program, or is damaged."""


def named(name: object) -> type[StreamError]:
    """Return the error class of a name that another process sent; else `ComposerError`."""
    kinds = {kind.__name__: kind for kind in StreamError.__subclasses__()}
    return kinds.get(str(name), ComposerError)
