import json

from stream.__main__ import main
from stream.profiles.profile import names


def test_a_line_each(capsys):
    assert main(["profiles"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(names())
    assert (
        "moog-minitaur             Moog Minitaur: channel 1, notes 0-72, one voice, 32 controllers"
        in lines
    )


def test_all_that_is_known(capsys):
    assert main(["profiles", "--json"]) == 0
    facts = {each["profile"]: each for each in json.loads(capsys.readouterr().out)}
    assert facts["korg-volca-keys"]["polyphony"] == 3
    assert facts["korg-volca-keys"]["cc"]["cutoff"] == 44
    assert facts["roland-sc-88pro"]["bank"] == {"msb": 0, "lsb": 3}
    assert facts.keys() == set(names())
