import pytest

from stream.osc.redaction import without_folder, without_folders


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/home/ada/music/a.mid", "a.mid"),
        ("file:/home/ada/a.mid: lost (disk full)", "file:a.mid: lost (disk full)"),
        ("--stats '/var/lib/x/s.json': can not be", "--stats 's.json': can not be"),
        ("recordings in /home/ada/my music, old/x: is full", "recordings in x: is full"),
        ("recordings in /mnt/my user/my recs: is full", "recordings in my recs: is full"),
        (
            "/mnt/a b/x.mid was taken; /mnt/a b/x-2.mid is saved",
            "x.mid was taken; x-2.mid is saved",
        ),
        (
            "'rate '/mnt/my, (own) user/x.mid' --stars 5' does it",
            "'rate 'x.mid' --stars 5' does it",
        ),
        ("--out file:~/a/b.mid: lost; file:~ada/c.mid", "--out file:b.mid: lost; file:c.mid"),
        (
            "panel: http://[::1]/ or http://host/a/b, 3/4",
            "panel: http://[::1]/ or http://host/a/b, 3/4",
        ),
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
    assert [without_folder(output) for output in outputs] == told
