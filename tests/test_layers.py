"""The packages import downwards only: ui -> ingest -> search; and each heavy library has one door."""

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {"search": {"search"}, "ingest": {"ingest", "search"}, "ui": {"ui", "ingest", "search"}}
DOORS = {
    "chromadb": {"search/vectors.py"},
    "tantivy": {"search/lexical.py", "search/words.py"},
    "sentence_transformers": {"search/embedding.py"},
    "faiss": {"search/quantized_vectors.py"},
    "onnxruntime": {"search/onnx_embedding.py"},
    "streamlit": {"ui/app.py", "ui/views"},
    "typer": {"ui/cli.py", "ui/commands"},
    "fastapi": {"ui/service"},
    "starlette": {"ui/service"},
    "uvicorn": {"ui/service/server.py"},
    "mcp": {"ui/assistant.py"},
    "watchfiles": {"ingest/following.py"},
    "prometheus_client": {"ui/service/metrics.py"},
    "ir_measures": {"search/evaluation.py"},
    "ray": {"ingest/ray_engine.py"},
}


def imports_of(path: Path) -> set[str]:
    """Top-level names of everything that a module imports, at its head or inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0] if not node.level else "a relative import")
    return names


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    for module in modules:
        assert imports_of(module) & {*MAY_IMPORT, "tests", "bench", "a relative import"} <= MAY_IMPORT[package], module


@pytest.mark.parametrize("library", DOORS)
def test_a_heavy_library_is_imported_in_its_own_modules_only(library: str) -> None:
    importers = {module.relative_to(ROOT).as_posix() for package in MAY_IMPORT for module in (ROOT / package).rglob("*.py") if library in imports_of(module)}
    assert importers
    assert all(any(importer == door or importer.startswith(f"{door}/") for door in DOORS[library]) for importer in importers), importers


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, ui.cli; print([name for name in ('torch', 'transformers', 'streamlit', 'chromadb', 'onnxruntime', 'fastapi', 'faiss', 'mcp', 'ray', 'tantivy', 'numpy') if name in sys.modules])"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert finished.stdout.strip() == "[]"


def test_no_name_in_ui_hides_a_library() -> None:
    """Streamlit puts the folder of its page in front: a module `ui/http.py` would be what everybody gets who imports http."""
    names = {path.stem for path in (ROOT / "ui").iterdir() if path.suffix == ".py" or path.is_dir()} - {"__init__", "__pycache__"}
    assert {"app", "service", "views"} <= names
    assert not names & (set(sys.stdlib_module_names) | set(packages_distributions()))


@pytest.mark.model
@pytest.mark.parametrize("face", ["", "--json"])
def test_a_search_imports_little(corpus_index: Path, face: str) -> None:
    """What it must import it waits for: chromadb alone takes half as long as all the rest of a cold search, what reads places and compares roles a fifth."""
    arguments = ["rolesearch", "search", "Kubernetes mentorship lead", "--index", str(corpus_index), *filter(None, [face])]
    code = (
        "import atexit, sys, ui.cli; heavy = {'torch', 'transformers', 'sentence_transformers', 'streamlit', 'chromadb', 'faiss', 'bs4', 'docx', 'pypdfium2', 'scipy', 'sklearn', "
        "'search.attributes.places', 'search.compare', 'search.duplicates', 'search.evaluation', 'search.match'}; "
        f"atexit.register(lambda: print(sorted(heavy & sys.modules.keys()))); sys.argv = {arguments!r}; ui.cli.main()"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "platform-engineering-lead" in finished.stdout
    assert finished.stdout.splitlines()[-1] == "[]"


def test_no_package_marker_below_tests() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
