"""The wall between commands and voices: whatever a voice does, a command says one line."""

import json
import pathlib
import signal
import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from stream.__main__ import main
from stream.commands import voice_process
from stream.commands.voice_process import VoiceProcess, query_command
from stream.compose import queries
from stream.compose.composer import Composer
from stream.errors import ComposerError, MessageError, SettingsError, VoiceError
from stream.music.note import Controls, Note, PhraseRequest, to_json
from stream.voices.protobuf import find_property
from stream.voices.spec import KEY, SEAL_KEY, with_seal
from tests.stream.commands.voice_here import VoiceHere

ROOT = pathlib.Path(__file__).parents[3]
TINY = pathlib.Path(__file__).parents[2] / "data" / "tiny.onnx"
SONG = TINY.with_name("tiny.mid")
REQUEST = PhraseRequest(0, 0, 7, controls=Controls(candidates=2))
READY = "print('{\"ready\": true}', flush=True)"
DEATHS = {
    "SIGSEGV": "os.kill(os.getpid(), signal.SIGSEGV)",
    "SIGABRT": "os.abort()",
    "SIGXCPU": "os.kill(os.getpid(), signal.SIGXCPU)",
}


@pytest.fixture
def dying(monkeypatch):
    """Voices whose process does what a text says."""

    def put(code):
        whole = (
            "import os, signal, sys\nfrom stream.compose.limits import silence_crashes\n"
            f"silence_crashes()\n{code}"
        )
        monkeypatch.setattr(voice_process, "query_command", lambda _: [sys.executable, "-c", whole])

    return put


COMMANDS = {
    "explain": ["explain", "--seed", "1"],
    "score": ["score", str(SONG)],
    "replay": ["replay"],
}


@pytest.mark.parametrize("before", ["", READY, f"{READY}\nsys.stdin.readline()"])
@pytest.mark.parametrize("death", DEATHS)
def test_a_voice_that_ends_its_process_is_one_line(dying, capfd, before, death):
    dying(f"{before}\nos.write(2, b'the last words of a library')\n{DEATHS[death]}")
    why = "takes too long" if death == "SIGXCPU" else f"crashes the process that runs it ({death})"
    for command in ("explain", "score"):
        assert main([*COMMANDS[command], "--voice", str(TINY)]) == 2
        assert capfd.readouterr() == (
            "",
            f"perpetuum: voice {TINY}: its graph {why}; take voices from a trusted source\n",
        )


def test_a_process_that_ends_by_itself_is_no_fault_of_the_voice(dying):
    dying("sys.exit(3)")
    with VoiceProcess(TINY) as voice, pytest.raises(ComposerError, match="exit status 3"):
        voice.compose(REQUEST)


def test_an_answer_that_is_cut_off_is_none(dying):
    dying("print('{\"ready\": tr', end='', flush=True)\nos.abort()")
    with VoiceProcess(TINY) as voice, pytest.raises(VoiceError, match="SIGABRT"):
        voice.compose(REQUEST)


def test_python_s_own_errors_are_told(dying, capfd):
    dying("raise AttributeError('a fault of ours')")
    with VoiceProcess(TINY) as voice, pytest.raises(ComposerError, match="exit status 1"):
        voice.compose(REQUEST)
    assert capfd.readouterr().err.endswith("AttributeError: a fault of ours\n")


def test_a_process_is_gone_when_it_is_closed():
    voice = VoiceProcess(TINY)
    voice.close()
    voice.close()
    assert voice._child.returncode == -signal.SIGKILL


def test_no_program_to_start(monkeypatch):
    monkeypatch.setattr(voice_process, "query_command", lambda _: ["/no/such/program"])
    with pytest.raises(ComposerError, match="cannot be started"):
        VoiceProcess(TINY)


def test_a_voice_answers_as_it_does_in_this_process(monkeypatch):
    monkeypatch.setattr(queries, "bound_time", lambda seconds: None)
    here, composer = VoiceHere(TINY), Composer(TINY)
    notes = [[24 * i, 24, 60 + i, 80, 0] for i in range(12)]
    with VoiceProcess(TINY) as voice:
        phrase = voice.compose(REQUEST)
        assert phrase == here.compose(REQUEST) == composer.compose(REQUEST)
        again = voice.recreate(REQUEST, phrase.verdict.chosen)
        assert (again.notes, again.length) == (phrase.notes, phrase.length)
        bits = voice.query("score", notes=notes)
        assert bits == here.query("score", notes=notes)
        assert bits == queries.score.score(composer.step, [Note(*each) for each in notes])
        facts = voice.query("explain", request=to_json(REQUEST))
        assert facts == here.query("explain", request=to_json(REQUEST))
        with pytest.raises(MessageError, match="unknown query"):
            voice.query("dance")
        wrong = PhraseRequest(0, 0, 7, controls=Controls(style=((("polka", 1.0),),)))
        with pytest.raises(SettingsError, match="polka"):
            voice.compose(wrong)
        assert voice.compose(REQUEST).notes == phrase.notes


def test_each_question_has_its_time(monkeypatch):
    """More candidates, notes, beats or styles: more seconds of the processor."""
    given = []
    monkeypatch.setattr(queries, "bound_time", given.append)
    here = VoiceHere(TINY)
    for candidates in (2, 4):
        here.compose(PhraseRequest(0, 0, 7, controls=Controls(candidates=candidates)))
    here.recreate(PhraseRequest(0, 0, 7, controls=Controls(candidates=8)), 0)
    here.query("explain", request=to_json(REQUEST))
    here.query("score", notes=[[0, 48, 60, 80, 0], [480, 48, 60, 80, 0]])
    # Two notes, eleven beats of four frames, two styles.
    assert given == [20.5, 21.0, 22.0, 20.5, 20 + 0.05 * 2 * (2 + 44)]


def grown(times):
    """The tiny voice, its likelihoods taken by way of an array that doubles so many times."""
    data = TINY.read_bytes()
    model = onnx.load_from_string(data[: find_property(data, KEY)[0]])
    nodes, last = [], "noise"
    for i in range(times):
        nodes.append(helper.make_node("Concat", [last, last], [f"grown_{i}"], axis=0))
        last = f"grown_{i}"
    (made,) = [node for node in model.graph.node if "log_prob" in node.output]
    made.output[list(made.output).index("log_prob")] = "likely"
    zero = numpy_helper.from_array(np.float32(0), "nothing")
    every = numpy_helper.from_array(np.array([0, 1]), "every axis")
    model.graph.initializer.extend([zero, every])
    nodes += [
        helper.make_node("ReduceSum", [last, "every axis"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["sum", "nothing"], ["still nothing"]),
        helper.make_node("Add", ["likely", "still nothing"], ["log_prob"]),
    ]
    model.graph.node.extend(nodes)
    seal = find_property(data, SEAL_KEY)[0]
    return with_seal(model.SerializeToString() + data[find_property(data, KEY)[0] : seal])


MEASURED = """
import resource, sys
from stream.__main__ import main
code = main(sys.argv[1:])
sys.stdout.flush()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
"""The command, and the memory (KiB) that the largest of its processes has taken."""


def measured(*args):
    """Exit code, what it said as an error, and the memory that it took, in KiB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *args],
        check=False, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stderr, int(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("command", ["explain", "score", "render"])
def test_a_voice_that_asks_for_the_memory_of_the_machine(tmp_path, command):
    bad, fine = tmp_path / "bad.onnx", tmp_path / "fine.onnx"
    bad.write_bytes(grown(31))
    fine.write_bytes(grown(3))
    output = tmp_path / "o.mid"
    render = ["render", str(output), "--minutes", "0.01", "--seed", "1"]
    args = COMMANDS.get(command, render)
    assert measured(*args, "--voice", str(fine))[:2] == (0, "")
    output.unlink(missing_ok=True)
    code, said, kibibytes = measured(*args, "--voice", str(bad))
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith(f"perpetuum: voice {bad}: its graph fails (")
    assert kibibytes < 2**20


@pytest.mark.parametrize("command", ["explain", "score", "render"])
def test_a_graph_that_is_refused_is_a_mistake_of_the_user(tmp_path, capfd, command):
    data = TINY.read_bytes()
    model = onnx.load_from_string(data[: find_property(data, KEY)[0]])
    split = helper.make_node("Split", ["noise"], ["a", "b", "c"], axis=1, num_outputs=2)
    model.graph.node.append(split)
    seal = find_property(data, SEAL_KEY)[0]
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(with_seal(model.SerializeToString() + data[find_property(data, KEY)[0] : seal]))
    render = ["render", str(tmp_path / "o.mid"), "--minutes", "0.01"]
    assert main([*COMMANDS.get(command, render), "--voice", str(bad)]) == 2
    told = f"voice {bad}: its graph is refused: operator Split declares [2] outputs and has 3"
    assert capfd.readouterr().err == f"perpetuum: {told}; take voices from a source you trust\n"


def test_the_commands_load_no_voice_themselves():
    """Neither the library nor numpy is in the process of a command that asks a voice."""
    code = (
        "import sys\nfrom stream.commands import explain, replay, score\n"
        "print(json.dumps(sorted({'numpy', 'onnxruntime'} & set(sys.modules))))"
    )
    done = voice_process.subprocess.run(
        [sys.executable, "-c", f"import json\n{code}"], capture_output=True, check=True
    )
    assert json.loads(done.stdout) == []
    assert query_command(TINY)[-2:] == ["stream.compose.queries", str(TINY)]
