import os

import pytest

from stream.errors import SettingsError
from stream.home.credentials import Credentials, read_credentials


@pytest.fixture
def login(tmp_path):
    def write(content, mode=0o600):
        path = tmp_path / "login"
        path.write_bytes(content)
        path.chmod(mode)
        return str(path)

    return write


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"user\nword\n", Credentials("user", "word")),
        (b"user\r\n a word: of mine \r\n", Credentials("user", " a word: of mine ")),
        (b"user", Credentials("user", None)),
    ],
)
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_user_and_password_are_a_line_each(login, content, expected, mode):
    assert read_credentials(login(content, mode)) == expected


def test_without_a_file_there_are_none():
    assert read_credentials("") == Credentials(None, None)


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        (
            b"user\nword\n",
            0o604,
            "other accounts may read or write it (-rw----r--); run: chmod 600",
        ),
        (b"user\nword\n", 0o660, "other accounts may read or write it"),
        (b"", 0o600, "has 0 lines"),
        (b"\nword\n", 0o600, "has 2 lines"),
        (b"a\nb\nc\n", 0o600, "has 3 lines"),
        (b"\xff\n", 0o600, "is not UTF-8"),
        (b"x" * 5000, 0o600, "over 4096 bytes; it is not a file of credentials"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_one_line(login, content, mode, told):
    with pytest.raises(SettingsError) as caught:
        read_credentials(login(content, mode))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "word" not in str(caught.value).replace("password", "")


def test_a_file_that_is_not_there_or_no_file_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_credentials(str(tmp_path / "nowhere"))
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(SettingsError, match="it is not a regular file"):
        read_credentials(str(tmp_path / "pipe"))
