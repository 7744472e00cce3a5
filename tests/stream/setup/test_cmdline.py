"""The kernel's command line before and after."""

from hypothesis import given
from hypothesis import strategies as st

from stream.setup.cmdline import CmdlineChange, changed, restored

CHANGES = (
    CmdlineChange(("console=serial0,*", "console=ttyAMA0,*"), (), "", ""),
    CmdlineChange((), ("quiet",), "", ""),
)
WORDS = (
    "console=serial0,115200", "console=ttyAMA0,115200", "console=tty1", "root=PARTUUID=1-02",
    "rootwait", "quiet", "fsck.repair=yes", "",
)  # fmt: skip
texts = st.builds(
    lambda words, end: " ".join(words) + end,
    st.lists(st.sampled_from(WORDS), max_size=8),
    st.sampled_from(["", "\n", "\r\n", "\n\n", "\nconsole=serial0,9600 is not on the line\n"]),
)


@given(texts)
def test_words_go_and_come_and_all_else_stays(text):
    before, _, rest = text.partition("\n")
    after, _, after_rest = changed(text, CHANGES).partition("\n")
    kept = [word for word in before.split() if "serial0" not in word and "AMA0" not in word]
    assert after.split() == kept + ["quiet"] * ("quiet" not in kept)
    assert after_rest == rest
    assert after.endswith("\r") == before.endswith("\r")


@given(texts)
def test_a_second_time_changes_nothing(text):
    once = changed(text, CHANGES)
    assert changed(once, CHANGES) == once


def test_what_the_user_added_since_stays():
    before = "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootwait\n"
    after = changed(before, CHANGES)
    assert after == "console=tty1 root=PARTUUID=1-02 rootwait quiet\n"
    edited = "console=tty1 root=PARTUUID=1-02 rootwait quiet isolcpus=3\n"
    assert restored(edited, before=before, after=after) == (
        "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootwait isolcpus=3\n"
    )
