import os
import stat

import pytest

from stream.radio import access_token
from stream.radio.access_token import is_token, kept_token, new_token, read_token


def test_a_token_stays(tmp_path):
    folder = tmp_path / "state" / "radio"
    assert read_token(folder) == ""
    token = kept_token(folder)
    assert len(token) == 32
    assert kept_token(folder) == read_token(folder) == token
    assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", ["", "short\n", "x" * 60, "ü" * 16])
def test_a_damaged_file_gets_another_token(tmp_path, content):
    kept_token(tmp_path / "radio")
    (tmp_path / "radio" / "token").write_text(content)
    assert read_token(tmp_path / "radio") == ""
    token = kept_token(tmp_path / "radio")
    assert len(token) == 32
    assert read_token(tmp_path / "radio") == token


def test_a_folder_that_others_may_write_to_is_not_trusted(tmp_path):
    kept_token(tmp_path / "radio")
    (tmp_path / "radio").chmod(0o777)
    assert read_token(tmp_path / "radio") == ""
    with pytest.raises(PermissionError):
        kept_token(tmp_path / "radio")


def test_only_the_token_is_the_token():
    token = new_token()
    assert is_token(token, token)
    assert not is_token("", "")
    for wrong in ("", token[:-1], token + "x", token.swapcase(), "\ud800", "ü"):
        assert not is_token(wrong, token)


def test_the_folder_is_the_services_or_the_accounts(monkeypatch):
    for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/a")
    assert str(access_token.token_folder()) == "/home/a/.local/state/perpetuum/radio"
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert str(access_token.token_folder()) == "/state/perpetuum/radio"
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/perpetuum:/var/lib/other")
    assert str(access_token.token_folder()) == "/var/lib/perpetuum/radio"
    assert os.environ["HOME"] == "/home/a"
