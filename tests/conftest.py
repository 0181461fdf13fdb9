"""What the tests of all packages share. What needs no fixture is in builders.py and fakes.py."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import hypothesis
import pytest

# Importing it closes the network to this process.
import offline.sitecustomize  # noqa: F401
from builders import IndexOf, publish
from chroma_server import ServerProcess, chroma_server
from fakes import WordEmbedder
from ingest.pipeline import sync
from search.embedding import SHIPPED_MODEL, Embedder, open_embedder
from search.records import Role

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
SHARED_CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"

# And to every Python that a test starts.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path(__file__).with_name("offline")), os.environ.get("PYTHONPATH")]))

# How long an example takes says something about the machine, not about the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture
def index_of(tmp_path: Path) -> IndexOf:
    """Publishes given roles as an index made with the WordEmbedder."""

    def publish_all(roles: Iterable[Role]) -> Path:
        publish(tmp_path / "index", roles, WordEmbedder())
        return tmp_path / "index"

    return publish_all


@pytest.fixture(scope="session")
def a_chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A Chroma server that is started once and shared; tests that kill one start their own."""
    with chroma_server(tmp_path_factory.mktemp("chroma")) as server:
        yield server


@pytest.fixture(scope="session")
def shipped_model() -> Embedder:
    """The model that ships, loaded once. Only for tests marked `model`."""
    return open_embedder(SHIPPED_MODEL)


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory, shipped_model: Embedder) -> Path:
    """An index of the corpus that ships, made once with the model that ships. Only for tests marked `model`; they read it and leave it as it is."""
    folder = tmp_path_factory.mktemp("corpus") / "index"
    sync([CORPUS], folder, shipped_model)
    return folder


@pytest.fixture
def shared_corpora() -> Path:
    """The larger corpora that lie beside the project on the machines it is developed on."""
    if not SHARED_CORPORA.is_dir():
        pytest.skip("the shared corpora are not on this machine")
    return SHARED_CORPORA
