"""A voice that answers what its process would answer, in the process of the test."""

import json

from stream.commands.voice_process import VoiceProcess
from stream.compose import queries
from stream.music.note import document_from_json


class VoiceHere(VoiceProcess):
    """What it raises is what the process would tell of; patch `inquiry.bound_time` first."""

    def __init__(self, voice):
        self._respond = queries.responder(voice)

    def close(self):
        """Nothing is open."""

    def asked(self, name, **query):
        return document_from_json(self._respond(json.dumps({"ask": name} | query)))
