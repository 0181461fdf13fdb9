"""What the code never does: nothing that was read is run, unpickled, or handed to a shell; models come as data whose checksum is known."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(module for package in ("search", "ingest", "ui") for module in (ROOT / package).rglob("*.py"))
# Modules that run or unpickle what they are given, fetch what they are told to, or read XML without bounds.
FORBIDDEN_MODULES = {
    "cloudpickle", "code", "dill", "joblib", "jsonpickle", "marshal", "pickle", "pty", "requests", "runpy", "shelve", "telnetlib", "ftplib", "xmlrpc", "xml", "multiprocessing",
}  # fmt: skip
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
FORBIDDEN_METHODS = {
    ("yaml", "load"), ("yaml", "full_load"), ("yaml", "unsafe_load"), ("yaml", "load_all"), ("os", "system"), ("os", "popen"), ("torch", "load"), ("torch", "hub"),
    ("tempfile", "mktemp"), ("tarfile", "open"), ("shutil", "unpack_archive"), ("urllib", "request"),
}  # fmt: skip


def nodes(module: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(module.read_text(encoding="utf-8")))


def imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    return {(node.module or "").split(".")[0]} if isinstance(node, ast.ImportFrom) else set()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.relative_to(ROOT).as_posix())
def test_a_module_runs_and_unpickles_nothing_that_it_read(module: Path) -> None:
    for node in nodes(module):
        assert not imported(node) & FORBIDDEN_MODULES, ast.unparse(node)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in FORBIDDEN_METHODS, ast.unparse(node)
            assert node.attr != "extractall", ast.unparse(node)
        if isinstance(node, ast.Call):
            assert not (isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS), ast.unparse(node)
            for keyword in node.keywords:
                assert not (
                    keyword.arg in ("shell", "trust_remote_code", "allow_pickle", "unsafe_allow_html", "unsafe_allow_javascript")
                    and not is_false(keyword.value)
                ), ast.unparse(node)
                assert not (keyword.arg in ("verify", "use_safetensors", "weights_only") and is_false(keyword.value)), ast.unparse(node)


def is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def test_the_check_itself_finds_what_it_looks_for(tmp_path: Path) -> None:
    for line in (
        "import pickle",
        "from xml.etree import ElementTree",
        "yaml.load(x)",
        "eval(x)",
        "run(x, shell=True)",
        "load(x, trust_remote_code=flag)",
        "archive.extractall",
    ):
        (tmp_path / "bad.py").write_text(line, encoding="utf-8")
        if "extractall" not in line:
            with pytest.raises(AssertionError):
                test_a_module_runs_and_unpickles_nothing_that_it_read(tmp_path / "bad.py")
    (tmp_path / "good.py").write_text("yaml.safe_load(x)\nrun(x, shell=False)\n", encoding="utf-8")
    test_a_module_runs_and_unpickles_nothing_that_it_read(tmp_path / "good.py")


def test_only_a_few_modules_start_a_process() -> None:
    starters = {module.relative_to(ROOT).as_posix() for module in MODULES if any("subprocess" in imported(node) for node in nodes(module))}
    assert starters <= {"ingest/sandbox.py"}
    runners = {
        module.relative_to(ROOT).as_posix()
        for module in MODULES
        for node in nodes(module)
        if isinstance(node, ast.Attribute) and node.attr.startswith(("execv", "spawn", "posix_spawn", "fork"))
    }
    assert runners <= {"ui/commands/serving.py"}


def test_no_file_that_ships_is_a_pickle() -> None:
    shipped = [path for package in ("search", "ingest", "ui") for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {path.suffix for path in shipped} <= {".py", ".tsv", ".toml", ".svg", ".onnx", ".safetensors", ".sha256", ".sql", ".json", ".txt", ""}
    assert not [path for path in shipped if path.read_bytes()[:1] == b"\x80"]
