import os
import stat

import pytest

from stream.util.private_folder import PrivateFolder


@pytest.fixture
def folder(tmp_path):
    folder = PrivateFolder.made(tmp_path / "private")
    yield folder
    folder.close()


def put(folder, name, data=b"1234", mode=0o600):
    path = folder.path / name
    path.write_bytes(data)
    path.chmod(mode)


def test_a_file_of_ours_is_opened(folder):
    put(folder, "a")
    file = folder.open("a", 4)
    assert os.read(file, 9) == b"1234"
    os.close(file)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_refused(folder, mode):
    put(folder, "a", mode=mode)
    with pytest.raises(PermissionError, match="is open to others"):
        folder.open("a", 4)


def test_a_file_that_is_too_long_is_refused(folder):
    put(folder, "a", b"12345")
    with pytest.raises(PermissionError):
        folder.open("a", 4)


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFDIR])
def test_what_is_no_file_is_refused(folder, kind):
    if kind == stat.S_IFIFO:
        os.mkfifo(folder.path / "a", 0o600)
    else:
        (folder.path / "a").mkdir(0o700)
    with pytest.raises(PermissionError):
        folder.open("a", 2**20)
