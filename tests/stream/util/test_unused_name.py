import os
import pathlib
import threading

from hypothesis import given
from hypothesis import strategies as st

from stream.util.unused_name import created, unused

NAMES = st.sampled_from(
    ["gig.mid", "gig-2.mid", "gig-2-2.mid", "gig-4.mid", "other.mid", "g.a.mid"]
)


@given(st.sets(NAMES), st.lists(NAMES, min_size=1, max_size=6))
def test_a_new_file_never_takes_the_place_of_another(tmp_path_factory, there, wanted):
    folder = tmp_path_factory.mktemp("names")
    for name in there:
        (folder / name).write_text(name)
    made = []
    for name in wanted:
        free = unused(folder / name)
        path, file = created(folder / name)
        os.close(file)
        assert path == free
        made.append(path)
    assert len({*made, *(folder / name for name in there)}) == len(made) + len(there)
    assert all((folder / name).read_text() == name for name in there)
    assert all(path.suffix == ".mid" for path in made)


def test_many_who_make_the_same_file_at_once_make_one_each(tmp_path):
    made: list[pathlib.Path] = []

    def make():
        for _ in range(20):
            path, file = created(tmp_path / "gig.mid")
            os.close(file)
            made.append(path)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == len(made) == len(list(tmp_path.iterdir())) == 80
