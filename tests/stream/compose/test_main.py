import json

import pytest

from stream.compose import __main__ as process
from stream.compose.filter.novelty import STORE_BYTES
from stream.music.note import Controls, PhraseRequest, phrase_from_json, to_json
from tests.stream.compose.conftest import TINY


def test_each_candidate_gives_a_phrase_more_time(monkeypatch):
    bounds = []
    monkeypatch.setattr(process, "bound_time", bounds.append)
    answered = process.load(TINY)
    for candidates in (1, 8):
        request = PhraseRequest(0, 0, 1, controls=Controls(candidates=candidates))
        assert phrase_from_json(answered(to_json(request))).notes
    assert bounds == [20.25, 22.0]


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_heard_is_kept_where_the_player_says(kept, tmp_path, monkeypatch):
    path = tmp_path / "heard"
    path.write_bytes(bytes(STORE_BYTES))
    monkeypatch.setattr(process, "bound_time", lambda seconds: None)
    monkeypatch.setenv("PERPETUUM_HISTORY", str(path) if kept else "")
    answered = process.load(TINY)
    for tune in range(3):  # each is kept once the next begins
        assert "error" not in json.loads(answered(to_json(PhraseRequest(tune, tune, 1))))
    data = path.read_bytes()
    assert len(data) == STORE_BYTES
    assert any(data) is kept
