import pytest

from stream.osc.discretion import named, without_folders


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/home/ada/music/a.mid", "a.mid"),
        ("file:/home/ada/a.mid: lost (disk full)", "file:a.mid: lost (disk full)"),
        ("--stats '/var/lib/x/s.json': can not be", "--stats 's.json': can not be"),
        ("panel: http://192.168.1.9:8765/", "panel: http://192.168.1.9:8765/"),
        ("serial:/dev/ttyAMA0: lost", "serial:/dev/ttyAMA0: lost"),
        ("style folk/jazz is no style; 3/4", "style folk/jazz is no style; 3/4"),
    ],
)
def test_files_are_told_by_their_names(text, told):
    assert without_folders(text) == told


def test_outputs_are_told_by_their_names():
    outputs = ["file:/home/my music/a.mid", "fluidsynth:/usr/x.sf2", "serial:/dev/ttyS0", "null"]
    told = ["file:a.mid", "fluidsynth:x.sf2", "serial:/dev/ttyS0", "null"]
    assert [named(output) for output in outputs] == told
