"""One contract for every embedder: the model that ships, the same by way of sentence-transformers, the fake one of the fast tests; what is refused as a model."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from bench.graph import GRAPHS, adapter, bert, ranges
from conftest import CORPUS
from fakes import WordEmbedder
from search import onnx_embedding
from search.adapter import ADAPTER_GRAPH
from search.embedding import SHIPPED_MODEL, SHIPPED_WEIGHTS_SHA256, Embedder, SentenceTransformerEmbedder, load_ahead, open_embedder, shipped_folder
from search.errors import ModelError
from search.judgements import read_judged_queries
from search.onnx_embedding import RANGES, SIGNED_QUERY_GRAPH, UNSIGNED_QUERY_GRAPH, OnnxEmbedder, query_graph

TEXTS = ["Kubernetes mentorship lead", "", "Bäckerin in Zürich 🥐", "word " * 3_000]


@pytest.fixture(params=["words", pytest.param("shipped_model", marks=pytest.mark.model), pytest.param("reference_model", marks=pytest.mark.model)])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    made: Embedder = WordEmbedder() if request.param == "words" else request.getfixturevalue(request.param)
    return made


@pytest.fixture(scope="session")
def reference_model(model_folder: Path) -> Embedder:
    """The model that ships, as sentence-transformers runs it."""
    return open_embedder(str(model_folder))


@pytest.fixture(scope="session")
def model_folder() -> Path:
    return shipped_folder()


@pytest.fixture(scope="session")
def tokenizer(model_folder: Path) -> Tokenizer:
    """The model's own."""
    made = Tokenizer.from_file(str(model_folder / "tokenizer.json"))
    made.no_truncation()
    made.no_padding()
    return made


def a_model_folder(place: Path, weights: bytes = b"weights") -> Path:
    place.mkdir(parents=True)
    (place / "model.safetensors").write_bytes(weights)
    (place / "config.json").write_text("{}")
    return place


def copy_of_shipped(place: Path, model_folder: Path, weights: bytes) -> Path:
    """The shipped model's folder with other weights."""
    copy = place / "model"
    shutil.copytree(model_folder, copy, ignore=shutil.ignore_patterns("*.safetensors"))
    (copy / "model.safetensors").write_bytes(weights)
    return copy


def test_vectors_are_float32_of_the_stated_width_and_unit_length(embedder: Embedder) -> None:
    for vectors in (embedder.encode_query(TEXTS), embedder.encode_document(TEXTS)):
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(TEXTS), embedder.width)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_no_texts_give_no_vectors_of_the_stated_width(embedder: Embedder) -> None:
    for vectors in (embedder.encode_query([]), embedder.encode_document([])):
        assert vectors.dtype == np.float32
        assert vectors.shape == (0, embedder.width)


def test_a_text_has_the_same_vector_alone_and_among_others_whatever_the_order(embedder: Embedder) -> None:
    together, reversed_ = embedder.encode_document(TEXTS), embedder.encode_document(TEXTS[::-1])
    alone = np.concatenate([embedder.encode_document([text]) for text in TEXTS])
    assert together == pytest.approx(alone, abs=1e-5)
    assert together == pytest.approx(reversed_[::-1], abs=1e-5)


def test_each_text_is_counted_and_an_empty_one_has_no_tokens(embedder: Embedder) -> None:
    counts = embedder.count_tokens(["", "engineer", "engineer engineer", "engineer " * 1_000])
    assert counts == [0, 1, 2, 1_000]
    assert embedder.count_tokens([]) == []


def test_a_long_text_is_counted_beyond_what_the_model_reads(embedder: Embedder) -> None:
    assert 0 < embedder.max_tokens < 1_000
    assert embedder.count_tokens(["engineer " * 5_000]) == [5_000]


def test_the_fingerprint_of_the_fake_is_stable() -> None:
    assert WordEmbedder().fingerprint == WordEmbedder().fingerprint


def test_the_fingerprint_of_the_shipped_model_names_it_and_its_weights_without_loading_it() -> None:
    fingerprints = {open_embedder(SHIPPED_MODEL).fingerprint, open_embedder(SHIPPED_MODEL).fingerprint}
    assert fingerprints == {f"{SHIPPED_MODEL}@{SHIPPED_WEIGHTS_SHA256[:16]}"}


def test_the_fingerprint_of_a_folder_changes_with_its_weights_and_its_configuration_only(tmp_path: Path) -> None:
    first = open_embedder(str(a_model_folder(tmp_path / "one" / "model"))).fingerprint
    same = a_model_folder(tmp_path / "two" / "model")
    (same / "README.md").write_text("another")
    assert open_embedder(str(same)).fingerprint == first
    assert open_embedder(str(a_model_folder(tmp_path / "three" / "model", b"other weights"))).fingerprint != first
    (same / "config.json").write_text('{"pooling": "mean"}')
    assert open_embedder(str(same)).fingerprint != first
    assert first.startswith("model@")


def test_other_weights_than_the_expected_ones_are_refused(tmp_path: Path, model_folder: Path) -> None:
    embedder = OnnxEmbedder(copy_of_shipped(tmp_path, model_folder, b"other weights"), "pinned", "0" * 64)
    with pytest.raises(ModelError, match=f"sha256 .*expected {'0' * 64}; reinstall with `make install`"):
        embedder.encode_query(["anything"])


def test_empty_weights_are_a_model_error_with_the_cure(tmp_path: Path, model_folder: Path) -> None:
    embedder = OnnxEmbedder(copy_of_shipped(tmp_path, model_folder, b""), "pinned", "0" * 64)
    with pytest.raises(ModelError, match=r"weights cannot be read: .*reinstall with `make install`"):
        embedder.encode_query(["anything"])


@pytest.mark.parametrize("missing", ["config.json", "sentence_bert_config.json", "tokenizer.json", "model.safetensors"])
def test_a_file_that_is_not_there_is_a_model_error_with_the_cure(tmp_path: Path, model_folder: Path, missing: str) -> None:
    folder = copy_of_shipped(tmp_path, model_folder, b"weights")
    (folder / missing).unlink()
    embedder = OnnxEmbedder(folder, "pinned", "0" * 64)
    with pytest.raises(ModelError, match=r"cannot be read.*reinstall with `make install`"):
        embedder.encode_document(["engineer " * embedder.max_tokens])


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no-such-model", "./no/such/folder", "what? is this"])
def test_an_unknown_model_is_refused_with_the_ways_out(name: str) -> None:
    with pytest.raises(ModelError) as refused:
        open_embedder(name)
    assert repr(name) in str(refused.value)
    assert "give the folder" in str(refused.value)
    assert repr(SHIPPED_MODEL) in str(refused.value)


@pytest.mark.model
def test_a_folder_that_holds_no_model_is_a_model_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no model here")
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_embedder(str(tmp_path)).encode_query(["anything"])


@pytest.mark.model
def test_broken_weights_in_a_folder_are_a_model_error(tmp_path: Path, model_folder: Path) -> None:
    broken = tmp_path / "model"
    shutil.copytree(model_folder, broken, ignore=shutil.ignore_patterns("*.safetensors"))
    (broken / "model.safetensors").write_bytes(b"these are no weights")
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_embedder(str(broken)).encode_query(["anything"])


@pytest.mark.model
def test_a_model_given_as_a_folder_is_loaded_without_a_network_and_gives_its_vectors(tmp_path: Path, model_folder: Path, shipped_model: Embedder) -> None:
    copy = tmp_path / "my-model"
    shutil.copytree(model_folder, copy)
    embedder = open_embedder(str(copy))
    assert embedder.encode_query(["Kubernetes mentorship lead"]) == pytest.approx(shipped_model.encode_document(["Kubernetes mentorship lead"]), abs=1e-6)
    assert (embedder.width, embedder.max_tokens) == (shipped_model.width, shipped_model.max_tokens)
    assert embedder.fingerprint.startswith("my-model@")
    assert embedder.fingerprint != shipped_model.fingerprint


@pytest.mark.model
def test_the_shipped_model_gives_the_vectors_and_counts_of_sentence_transformers(shipped_model: Embedder, reference_model: Embedder) -> None:
    hostile = [*TEXTS, "C++ / C# / .NET 8", "naïve façade — Straße", "日本語のエンジニア", "a\u0000b\u200bc", "[CLS] [SEP] [MASK]", "\n\t ", "🥐" * 300]
    texts = hostile + [path.read_text(encoding="utf-8") for path in sorted(CORPUS.rglob("*.md"))[:30]]
    ours, theirs = shipped_model.encode_document(texts), reference_model.encode_document(texts)
    assert (ours * theirs).sum(axis=1).min() > 0.9999
    assert ours == pytest.approx(theirs, abs=1e-5)
    assert shipped_model.count_tokens(texts) == reference_model.count_tokens(texts)
    assert (shipped_model.width, shipped_model.max_tokens) == (reference_model.width, reference_model.max_tokens)


# What a tokenizer may take together, apart or away.
ODD_TEXTS = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from([" ", "\n", "\t", "\r\n", "\u00a0", "\u2028", "\x1c", "\u0301", "[SEP]", "[CLS", "##ing", "日本", "İ", "C++,", "w" * 120]),
    ),
    max_size=12,
).map("".join)


@pytest.mark.model
@given(texts=st.lists(ODD_TEXTS, max_size=4))
@settings(max_examples=300, deadline=None)
def test_tokens_are_those_that_the_model_s_tokenizer_finds_in_the_whole_text(texts: list[str], shipped_model: Embedder, tokenizer: Tokenizer) -> None:
    whole = [tokenizer.encode(text, add_special_tokens=False) for text in texts]
    assert shipped_model.count_tokens(texts) == [len(one.ids) for one in whole]


@pytest.mark.model
def test_a_text_has_the_same_vector_when_what_was_kept_of_others_is_forgotten(
    shipped_model: Embedder, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_embedding, "_STRETCHES_KEPT", 3)
    monkeypatch.setattr(onnx_embedding, "_LONGEST_KEPT", 6)
    forgetful = OnnxEmbedder(model_folder, "forgetful", SHIPPED_WEIGHTS_SHA256)
    texts = ["Runs a team of five.", "Kubernetes, Terraform: and a team", "a b c d e f g a b c"]
    for _ in range(2):
        assert forgetful.count_tokens(texts) == shipped_model.count_tokens(texts)
        assert forgetful.encode_document(texts) == pytest.approx(shipped_model.encode_document(texts), abs=1e-5)


@pytest.mark.model
@pytest.mark.parametrize("number", [1, 2, 3, 17, 60])
def test_a_vector_does_not_depend_on_how_many_texts_of_which_lengths_come_with_it(shipped_model: Embedder, number: int) -> None:
    texts = [f"Runs team {n}. " * (1 + n * 7 % 40) for n in range(60)]
    vectors = np.concatenate([shipped_model.encode_document(texts[start : start + number]) for start in range(0, len(texts), number)])
    assert vectors == pytest.approx(shipped_model.encode_document(texts), abs=1e-5)


@pytest.mark.model
def test_the_shipped_model_needs_no_torch() -> None:
    code = (
        "import sys; from search.embedding import SHIPPED_MODEL, open_embedder; print(open_embedder(SHIPPED_MODEL).encode_query(['a']).shape, "
        "[name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (finished.stdout.strip(), finished.stderr) == ("(1, 384) []", "")


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_graphs_of_the_shipped_model_are_those_that_their_program_writes(graph: Path) -> None:
    assert graph.read_bytes() == bert(GRAPHS[graph]).SerializeToString(deterministic=True)


def test_the_graph_of_the_adapter_is_the_one_that_its_program_writes() -> None:
    assert ADAPTER_GRAPH.read_bytes() == adapter().SerializeToString(deterministic=True)


@pytest.mark.model
def test_the_ranges_of_the_shipped_model_are_those_that_their_program_finds() -> None:
    kept, found = load_file(RANGES), ranges()
    assert kept.keys() == found.keys()
    assert all(kept[name] == pytest.approx(found[name], rel=1e-3) for name in kept)


@pytest.mark.parametrize(
    ("features", "graph"),
    [
        ({"SIMD Extensions": {"found": ["X86_V4", "AVX512_ICL"]}}, SIGNED_QUERY_GRAPH),
        ({"SIMD Extensions": {"found": ["X86_V3"], "not found": ["AVX512_ICL"]}}, UNSIGNED_QUERY_GRAPH),
        ({"SIMD Extensions": {}}, UNSIGNED_QUERY_GRAPH),
        ({}, UNSIGNED_QUERY_GRAPH),
    ],
)
def test_signed_weights_are_used_only_where_the_processor_is_known_to_add_them_up_rightly(
    monkeypatch: pytest.MonkeyPatch, features: dict[str, dict[str, list[str]]], graph: Path
) -> None:
    monkeypatch.setattr(np, "show_config", lambda mode: features)
    assert query_graph.__wrapped__() == graph


@pytest.mark.model
def test_both_graphs_for_queries_give_the_same_vectors(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = []
    for graph in (SIGNED_QUERY_GRAPH, UNSIGNED_QUERY_GRAPH):
        monkeypatch.setattr(onnx_embedding, "query_graph", lambda graph=graph: graph)
        vectors.append(OnnxEmbedder(model_folder, SHIPPED_MODEL, SHIPPED_WEIGHTS_SHA256).encode_query([*TEXTS, "baker " * 300]))
    # Only where the processor multiplies whole numbers of eight bits are signed ones used, and only there need they be right.
    assert query_graph() == UNSIGNED_QUERY_GRAPH or (vectors[0] == vectors[1]).all()


@pytest.mark.model
def test_queries_have_the_vectors_of_sentence_transformers_but_for_their_eight_bits(shipped_model: Embedder, reference_model: Embedder) -> None:
    judged = read_judged_queries(CORPUS / "judgements" / "queries.tsv", CORPUS / "judgements" / "qrels")
    texts = ["Bäckerin in Zürich 🥐", "word " * 3_000, "C++ / C# / .NET 8", "日本語のエンジニア", "[CLS] [SEP] [MASK]", *(query.text for query in judged)]
    assert (shipped_model.encode_query(texts) * reference_model.encode_query(texts)).sum(axis=1).min() > 0.997


@pytest.mark.model
def test_a_query_has_the_same_vector_alone_and_among_others(shipped_model: Embedder) -> None:
    alone = np.concatenate([shipped_model.encode_query([text]) for text in TEXTS])
    assert (shipped_model.encode_query(TEXTS) == alone).all()


@pytest.mark.model
def test_a_text_is_read_up_to_the_stated_number_of_tokens_and_no_further(shipped_model: Embedder) -> None:
    limit = shipped_model.max_tokens
    shorter, full, longer = shipped_model.encode_document(["engineer " * (limit - 1) + end for end in ("", "baker", "baker baker")])
    assert longer == pytest.approx(full, abs=1e-5)
    assert shorter != pytest.approx(full, abs=1e-5)


@pytest.mark.model
def test_meaning_is_nearer_than_other_subjects_without_a_word_in_common(shipped_model: Embedder) -> None:
    documents = ["Coach junior developers and review their code.", "Bake sourdough bread before sunrise.", "Prepare the quarterly tax statements."]
    cosines = shipped_model.encode_document(documents) @ shipped_model.encode_query(["mentoring programmers"])[0]
    assert np.argmax(cosines) == 0
    assert cosines[0] > max(cosines[1:]) + 0.2


def in_threads(number: int, work: Callable[[int], None]) -> None:
    """Run work(0), work(1), … at the same time; the first error of any of them is raised here."""
    together, errors = threading.Barrier(number), list[BaseException]()

    def run(which: int) -> None:
        together.wait()
        try:
            work(which)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(which,)) for which in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_the_model_is_loaded_once_however_many_threads_ask_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[object] = []

    class Model:
        max_seq_length = 256

        def get_embedding_dimension(self) -> int:
            return 3

    def load(embedder: SentenceTransformerEmbedder) -> Model:
        time.sleep(0.05)
        loaded.append(Model())
        return Model()

    monkeypatch.setattr(SentenceTransformerEmbedder, "_load", load)
    embedder = SentenceTransformerEmbedder(tmp_path, "model")

    def ask(which: int) -> None:
        assert embedder.encode_query([]).shape == (0, 3)

    in_threads(8, ask)
    assert len(loaded) == 1


def test_a_model_that_is_loaded_ahead_tells_what_is_wrong_with_it_to_the_first_text_only(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    embedder = OnnxEmbedder(tmp_path, "pinned", "0" * 64)
    before = threading.active_count()
    load_ahead(embedder)
    while threading.active_count() > before:
        time.sleep(0.001)
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ModelError, match="cannot be read"):
        embedder.encode_query(["anything"])


def test_loading_ahead_goes_on_beside_the_caller() -> None:
    encoded = threading.Event()

    class Counted(WordEmbedder):
        def encode_query(self, texts):  # type: ignore[no-untyped-def]
            encoded.set()
            return super().encode_query(texts)

    load_ahead(Counted())
    assert encoded.wait(10)


@pytest.mark.model
def test_threads_that_encode_and_count_at_once_get_what_each_gets_alone(tmp_path: Path, model_folder: Path) -> None:
    """Without its tokenizer.json the model counts with the tokenizer that it encodes with, once with truncation and once without."""
    copy = tmp_path / "model"
    shutil.copytree(model_folder, copy, ignore=shutil.ignore_patterns("tokenizer.json"))
    embedder = open_embedder(str(copy))
    texts = ["engineer " * length for length in (1, 40, 300, 1_000)]
    alone = embedder.encode_document(texts)

    def work(which: int) -> None:
        for turn in range(which, which + 10):
            number = turn % len(texts)
            if which % 2:
                assert embedder.count_tokens([texts[number]] * 20) == [(1, 40, 300, 1_000)[number]] * 20
            else:
                assert embedder.encode_document([texts[number], "x"])[0] == pytest.approx(alone[number], abs=1e-4)

    in_threads(8, work)
