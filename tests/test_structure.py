"""The rules of ARCHITECTURE as tests: who may import whom, and how long things may get."""

import ast
import collections
import graphlib
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[1]
STREAM = sorted((ROOT / "stream").rglob("*.py"))
EXPORT = sorted((ROOT / "export").rglob("*.py"))
BENCHMARKS = sorted((ROOT / "benchmarks").rglob("*.py"))
CODE = STREAM + EXPORT
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in CODE}


def is_type_checking(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def statements(tree, *, inside_functions):
    """Every node that runs: all but what is for the type checker alone."""
    pending = list(tree.body)
    while pending:
        node = pending.pop()
        if is_type_checking(node) or (isinstance(node, FUNCTION) and not inside_functions):
            continue
        yield node
        pending += ast.iter_child_nodes(node)


def imports(module, *, inside_functions):
    """Full names of the modules that `module` imports."""
    found = set()
    for node in statements(TREES[module], inside_functions=inside_functions):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import"
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (below & TREES.keys()) or {node.module}
    return found


def reachable(module):
    """Everything that importing `module` brings in, itself included."""
    seen, pending = set(), [module]
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += imports(name, inside_functions=False) if name in TREES else ()
    return seen


def functions(module):
    return (node for node in ast.walk(TREES[module]) if isinstance(node, FUNCTION))


def roots(names):
    return {name.partition(".")[0] for name in names}


def belongs(module, package):
    return f"{module}.".startswith(f"{package}.")


def test_no_import_cycles():
    graph = {module: imports(module, inside_functions=False) & TREES.keys() for module in TREES}
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("module", [name_of(path) for path in STREAM])
def test_the_runtime_knows_nothing_of_training(module):
    assert roots(imports(module, inside_functions=True)).isdisjoint({"torch", "export", "onnx"})


@pytest.mark.parametrize(
    ("package", "strangers"),
    [
        ("stream.compose", ["stream.play"]),
        ("stream.play", ["stream.compose"]),
        ("stream.panel", ["stream.play", "stream.compose"]),
        ("stream.osc", ["stream.play", "stream.compose"]),
        ("stream.midi_in", ["stream.play", "stream.compose"]),
        ("stream.home", ["stream.play", "stream.compose"]),
        ("stream.control", ["stream.play", "stream.compose"]),
        ("stream.music", ["stream.play", "stream.compose", "stream.voices", "stream.config"]),
        ("stream.util", ["stream.play", "stream.compose", "stream.music", "stream.config"]),
    ],
)
def test_rooms_that_never_import_each_other(package, strangers):
    for module in TREES:
        if belongs(module, package):
            names = imports(module, inside_functions=True)
            found = [name for name in names if any(belongs(name, each) for each in strangers)]
            assert found == [], module


def test_export_takes_from_stream_only_what_a_voice_needs():
    allowed = [f"stream.{name}" for name in ("music", "voices", "config", "compose", "errors")]
    for module in TREES:
        if belongs(module, "export"):
            taken = {n for n in imports(module, inside_functions=True) if belongs(n, "stream")}
            strangers = {n for n in taken if not any(belongs(n, each) for each in allowed)}
            assert strangers == set(), module


@pytest.mark.parametrize("top", ["stream", "export", "benchmarks"])
def test_no_folder_holds_more_than_twenty_modules(top):
    modules = [path for path in (ROOT / top).rglob("*.py") if path.name != "__init__.py"]
    folders = collections.Counter(path.parent.relative_to(ROOT) for path in modules)
    assert {folder: count for folder, count in folders.items() if count > 20} == {}


def test_the_player_is_light():
    """Neither numpy nor onnxruntime comes with any module of the player."""
    players = [module for module in TREES if belongs(module, "stream.play")]
    assert players
    for module in (*players, "stream.__main__", "stream.commands.play"):
        if module != "stream.play.sinks.wavfile":  # renders, and is loaded for that alone
            assert roots(reachable(module)).isdisjoint({"numpy", "onnxruntime"}), module


def test_the_controllers_are_light():
    """No controller process needs numpy; those that wait by themselves need no event loop."""
    for module in TREES:
        if any(belongs(module, f"stream.{name}") for name in ("panel", "osc", "midi_in", "home")):
            assert "numpy" not in roots(imports(module, inside_functions=True)), module
    for name in ("stream.osc.__main__", "stream.midi_in.__main__"):
        assert roots(reachable(name)).isdisjoint({"asyncio", "numpy"}), name


def test_vendor_libraries_are_loaded_on_demand():
    vendors = {"rtmidi", "serial", "fluidsynth", "sounddevice", "pythonosc", "segno"}
    for module in TREES:
        assert roots(imports(module, inside_functions=False)).isdisjoint(vendors), module


@pytest.mark.parametrize("path", CODE + BENCHMARKS, ids=name_of)
def test_modules_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize("module", TREES)
def test_functions_are_short(module):
    long = [f.name for f in functions(module) if f.end_lineno - f.lineno + 1 > 60]
    assert long == []


@pytest.mark.parametrize("path", STREAM, ids=name_of)
def test_parameters_are_few(path):
    for function in functions(name_of(path)):
        arguments = function.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        assert len([name for name in names if name not in {"self", "cls"}]) <= 6, function.name


@pytest.mark.parametrize("module", TREES)
def test_errors_are_caught_by_name(module):
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}"
            caught = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)}
            assert caught.isdisjoint({"Exception", "BaseException"}), f"line {node.lineno}"


@pytest.mark.parametrize("module", TREES)
def test_no_pickles(module):
    assert roots(imports(module, inside_functions=True)).isdisjoint({"pickle", "shelve", "joblib"})


@pytest.mark.parametrize("path", STREAM, ids=name_of)
def test_music_has_monotonic_time(path):
    calls = {ast.unparse(n.func) for n in ast.walk(TREES[name_of(path)]) if isinstance(n, ast.Call)}
    assert calls.isdisjoint({"time.time", "time.time_ns", "datetime.utcnow"})
