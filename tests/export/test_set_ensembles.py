"""The ensembles of a voice's styles are named without touching anything else."""

import shutil

from export.to_voice.set_ensembles import main
from stream.voices.spec import corpus_filter, load_bytes, read_spec
from tests.stream.compose.conftest import TINY


def test_the_ensembles_of_styles_are_named(tmp_path, capsys):
    voice = tmp_path / "tiny.onnx"
    shutil.copy(TINY, voice)
    before = read_spec(voice)
    style = next(iter(before.styles))
    assert main([str(voice), f"{style}=jazz"]) == 0
    after = read_spec(voice)
    assert after.styles[style].ensemble == "jazz"
    assert main([str(voice), f"{style}="]) == 0
    assert read_spec(voice) == before
    assert corpus_filter(load_bytes(voice)) == corpus_filter(load_bytes(TINY))
    assert main([str(voice), "polka=jazz"]) == 2
    assert "polka: not a style of tiny" in capsys.readouterr().err
