"""A voice that answers as its process would, in the process of the test."""

import json

from stream.commands.voice_process import VoiceProcess
from stream.compose import queries
from stream.music.note import document_from_json


class VoiceHere(VoiceProcess):
    """Raise the errors that the process would report; patch `queries.bound_time` first."""

    def __init__(self, voice):
        self._respond = queries.responder(voice)

    def close(self):
        """Nothing is open."""

    def query(self, name, **arguments):
        return document_from_json(self._respond(json.dumps({"ask": name} | arguments)))
