"""A card may come from anybody: nothing on it makes `setup` read or write outside of its root."""

import base64
import contextlib
import io
import json
import os
import pathlib
import stat
import tempfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stream.__main__ import main
from stream.setup import rooted

HIDDEN = "what no card shall learn"
CONFIG = "dtparam=audio=on\ndtoverlay=vc4-kms-v3d\n"
CMDLINE = "console=serial0,115200 root=/dev/mmcblk0p2\n"
RECORD = "etc/perpetuum/setup.json"
PLACES = (
    "boot", "boot/firmware", "boot/firmware/config.txt", "boot/firmware/cmdline.txt",
    "boot/firmware/more.txt", "boot/config.txt", "etc", "etc/asound.conf", "etc/perpetuum", RECORD,
    "etc/perpetuum/perpetuum.toml", "etc/security/limits.d", "etc/systemd", "etc/systemd/system",
    "etc/systemd/system/perpetuum.service", "etc/systemd/system/multi-user.target.wants",
    "usr", "usr/local/lib/perpetuum", "usr/local/bin/perpetuum", "proc/device-tree/model",
)  # fmt: skip
OUTSIDE = ("config.txt", "folder", "folder/asound.conf", "perpetuum", "missing", "")


def everything(folder):
    """Every path below a folder, with its mode, its content or target, and when it changed."""
    found = {}
    for path in (folder, *sorted(folder.rglob("*"))):
        status = path.lstat()
        content = path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes()
        found[path] = (status.st_mode, content, status.st_mtime_ns)
    return found


def outside_of(folder):
    """Files of the host that a card may point at."""
    outside = folder / "outside"
    (outside / "folder").mkdir(parents=True)
    for name in ("config.txt", "folder/asound.conf", "perpetuum"):
        (outside / name).write_text(f"# {HIDDEN}\ndtparam=audio=on\n")
    (outside / "perpetuum").chmod(0o755)
    return outside


def lay(card, place, what, outside):
    """Put something at a place of the card, if what is above it allows that."""
    path = card / place
    kind, target = what
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "file":
            path.write_text(target)
        elif kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "absolute":
            path.symlink_to(outside / target)
        elif kind == "relative":
            path.symlink_to(os.path.relpath(outside / target, path.parent))
        else:
            path.symlink_to(target)


def entry_of(mode):
    return {"data": base64.b64encode(b"# from the record\n").decode(), "mode": mode}


def record(path, entry, folders=()):
    document = {"version": 1, "before": {path: entry}, "ours": {path: [None]}, "folders": folders}
    return json.dumps(document)


records = st.builds(
    record,
    st.sampled_from(
        ["/x", "/../x", "/etc/../../outside/x", "/boot/firmware/../../../outside/x", "etc/passwd",
         "/etc/passwd", "/etc/asound.conf", "/boot/firmware/config.txt", "/boot/firmware/\ud800",
         "/boot/firmware/a\0b", "//boot/x", "/boot/firmware/deep/down.txt", ""]
    )
    | st.text(max_size=20),
    st.none()
    | st.sampled_from(["644", "755", "4755", "2755", "1777", "7777", "-1", "x", ""]).map(entry_of)
    | st.sampled_from(["/etc/passwd", "../../../outside/config.txt", "", "a\0b"]).map(
        lambda target: {"link": target}
    ),
    st.lists(st.sampled_from(["/", "/..", "/etc", "/../outside/folder", "/usr/local/lib", ""])),
)  # fmt: skip
contents = (
    st.just(CONFIG)
    | st.just(CMDLINE)
    | st.just("include ../../../outside/config.txt\ninclude more.txt\ncmdline=../x\n")
    | st.just("os_prefix=/../../\ninclude /boot/firmware/config.txt\ninclude more.txt\n")
    | records
    | st.sampled_from(["", "[" * 100000, "{}", "\0"])
)
things = st.one_of(
    st.tuples(st.just("file"), contents),
    st.tuples(st.sampled_from(["absolute", "relative"]), st.sampled_from(OUTSIDE)),
    st.tuples(st.just("link"), st.sampled_from([".", "..", "/", "/etc", "loop", "firmware", "/x"])),
    st.sampled_from([("folder", ""), ("pipe", "")]),
)
trees = st.dictionaries(st.sampled_from(PLACES), things, max_size=8)
calls = st.sampled_from(
    [
        ("pi4", "--midi", "uart", "--audio", "pcm5102"),
        ("zero2w", "--midi", "gadget", "--audio", "hdmi", "--fast-boot"),
        ("auto", "--audio", "headphones"),
        ("--undo",),
    ]
)


@settings(max_examples=60, deadline=None)
@example(tree={RECORD: ("file", record("/../x", entry_of("4755")))}, call=("--undo",), more=())
@example(
    tree={"boot/firmware/config.txt": ("absolute", "config.txt")},
    call=("pi4", "--midi", "uart"), more=("--dry-run",),
)  # fmt: skip
@example(
    tree={"etc/systemd": ("relative", "folder"), "etc/security": ("absolute", "folder")},
    call=("pi4", "--midi", "gadget"), more=(),
)  # fmt: skip
@given(tree=trees, call=calls, more=st.sampled_from([(), ("--dry-run",)]))
def test_no_card_leads_out_of_its_root(tree, call, more):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        outside = outside_of(folder)
        card = folder / "cards" / "card"
        card.mkdir(parents=True)
        for place, what in tree.items():
            lay(card, place, what, outside)
        usual = {"config.txt": CONFIG, "cmdline.txt": CMDLINE}
        with contextlib.suppress(OSError):
            (card / "boot/firmware").mkdir(parents=True, exist_ok=True)
        if not (card / "boot").is_symlink() and not (card / "boot/firmware").is_symlink():
            for each, text in usual.items():
                if f"boot/firmware/{each}" not in tree:
                    lay(card, f"boot/firmware/{each}", ("file", text), outside)
        before = everything(outside)
        around = sorted(path.name for path in (folder, card.parent) for path in path.iterdir())
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = main(["setup", *call, *more, "--root", str(card)])
        assert status in (0, 2)
        assert everything(outside) == before
        assert around == sorted(
            path.name for path in (folder, card.parent) for path in path.iterdir()
        )
        assert HIDDEN not in said.getvalue()
        assert "Traceback" not in said.getvalue()
        for path, (mode, content, _) in everything(card).items():
            assert not mode & (stat.S_ISUID | stat.S_ISGID) or stat.S_ISDIR(mode), path
            assert not isinstance(content, bytes) or HIDDEN.encode() not in content, path


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (record("/../x", entry_of("4755")), "'/../x' is not a path that setup changes"),
        (record("/etc/passwd", entry_of("644")), "'/etc/passwd' is not a path that setup changes"),
        (record("/etc/asound.conf", entry_of("4755")), "mode 4755 is not one that setup gives"),
        (record("/etc/asound.conf", None, ["/home"]), "'/home' is not a folder that setup creates"),
        (record("/etc/asound.conf", {"link": "a\0b"}), "setup.json: damaged"),
        ("[" * 100000, "setup.json: damaged"),
    ],
)
def test_a_record_that_setup_did_not_write_is_one_line(tmp_path, capsys, document, says):
    place = tmp_path / RECORD
    place.parent.mkdir(parents=True)
    place.write_text(document)
    before = everything(tmp_path)
    assert main(["setup", "--undo", "--root", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert everything(tmp_path) == before


def test_links_are_followed_as_the_card_would_follow_them(tmp_path):
    root = tmp_path / "root"
    (root / "a/b").mkdir(parents=True)
    (root / "a/b/file").write_text("inside")
    (root / "up").symlink_to("../../../../a")
    (root / "down").symlink_to("/up/b")
    (root / "last").symlink_to("down/../b/file")
    (root / "loop").symlink_to("loop")
    assert rooted.content(root, "/down/file")[0] == b"inside"
    assert rooted.content(root, "/../down/../b/file")[0] == b"inside"
    assert rooted.content(root, rooted.followed(root, "/last"))[0] == b"inside"
    assert rooted.is_folder(root, "/down")
    assert not rooted.is_folder(root, "/loop")
    with pytest.raises(OSError, match="regular file"):
        rooted.content(root, "/last")
    with pytest.raises(OSError, match="symbolic links"):
        rooted.followed(root, "/loop")
