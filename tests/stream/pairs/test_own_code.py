import pytest

from stream.errors import SettingsError
from stream.pairs.own_code import VARIABLE, own_code


@pytest.mark.parametrize("code", ["four cats sleep", "ABCD-EFGH", "äöüäöüäö"])
def test_a_code_comes_from_a_file_or_else_from_the_environment(tmp_path, code):
    path = tmp_path / "code"
    path.write_text(f"{code}\n")
    assert own_code(str(path), {VARIABLE: "another code"}) == code
    assert own_code("", {VARIABLE: code}) == code
    assert own_code("", {}) == ""


@pytest.mark.parametrize(
    ("code", "letters"),
    [("cats", 4), ("a-b-c-d-e-f-g", 7), ("", 0), ("x" * 65, 65), ("a\nbcdefgh", 8)],
)
def test_a_code_that_does_not_do_is_refused_without_being_told(tmp_path, code, letters):
    path = tmp_path / "code"
    path.write_text(code)
    with pytest.raises(SettingsError) as caught:
        own_code(str(path), {})
    assert f"has {letters} letters and digits; write one line with 8 to 64" in str(caught.value)
    assert not code or code not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        own_code(str(tmp_path / "none"), {})
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        own_code(str(tmp_path / "bytes"), {})
