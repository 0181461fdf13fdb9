"""Vectors by the text that was embedded, so that no text is ever embedded twice by one model. One SQLite file for all generations of an index."""

import hashlib
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import Empty, Full, Queue

import numpy as np

from search.durable import is_damage
from search.embedding import Embedder, EncodeBlocks, Vectors, in_turn
from search.errors import IndexDamaged

EMBEDDINGS = "embeddings.sqlite3"
"""Name of the file in an index's folder."""

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS vectors (model TEXT NOT NULL, text_sha256 BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, text_sha256)) WITHOUT ROWID"
)
_TEXTS_A_STATEMENT = 1_000
# Texts that are embedded ahead in one go, how many times as many may wait, and how long it takes at most to notice that no more will come.
_TEXTS_AHEAD, _BLOCKS_AHEAD, _LOOK_UP_SECONDS = 128, 4, 0.05
# Vectors have unit length to within the precision of float32; one flipped bit of an exponent moves it by more.
_UNIT_TOLERANCE = 1e-3


class EmbeddingCache:
    """The file `embeddings.sqlite3` of an index. One writer; each block of new vectors is kept at once, so that an ingest that was killed goes on there."""

    def __init__(self, path: Path) -> None:
        """Raises IndexDamaged when the file is no such database; so does `encode`, where that comes out only then."""
        self._path = path
        self._connection = sqlite3.connect(path)
        try:
            with _damage_named(self._path):
                self._connection.execute("PRAGMA journal_mode = WAL")
                # Whole whatever happens; what a power failure may take is the last blocks, which are embedded once more.
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._connection.execute(_SCHEMA)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def encode(self, texts: Sequence[str], embedder: Embedder, embedded: Callable[[int], None] = lambda count: None) -> Vectors:
        """Vectors of `texts`, float32, shape (len(texts), width): those known from the file, the others from the model, which `embedded` is told of."""
        if not texts:
            return np.empty((0, embedder.width), dtype=np.float32)
        return next(self.encode_blocks([texts], embedder.fingerprint, in_turn(embedder), embedded))

    def encode_blocks(
        self, blocks: Iterable[Sequence[str]], model: str, encode: EncodeBlocks, embedded: Callable[[int], None] = lambda count: None
    ) -> Iterator[Vectors]:
        """Vectors of block after block of texts, none of them empty, by `model`, a fingerprint, which `encode` runs on what is not known, each text once."""
        # Of the blocks that are under way: the keys of their texts, the vectors known of them, the texts that are embedded with them.
        asked: deque[tuple[list[bytes], dict[bytes, bytes], dict[bytes, str]]] = deque()

        def missing_texts() -> Iterator[list[str]]:
            for texts in blocks:
                keys = [_key(text) for text in texts]
                known = self._stored(model, keys)
                under_way = {key for _, _, missing in asked for key in missing}
                missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known and key not in under_way}
                asked.append((keys, known, missing))
                yield list(missing.values())

        for fresh in encode(missing_texts()):
            keys, known, missing = asked.popleft()
            if missing:
                self.keep(model, list(missing.values()), fresh)
                known |= {key: vector.tobytes() for key, vector in zip(missing, fresh, strict=True)}
                embedded(len(missing))
            # The others came with a block before this one.
            known |= self._stored(model, [key for key in keys if key not in known])
            yield np.stack([np.frombuffer(known[key], dtype=np.float32) for key in keys])

    def keep(self, model: str, texts: Sequence[str], vectors: Vectors) -> None:
        """Take over what `model`, a fingerprint, made of these texts, from where else it is known: float32, shape (len(texts), width)."""
        rows = [(model, _key(text), vector.tobytes()) for text, vector in zip(texts, vectors, strict=True)]
        with _damage_named(self._path), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def _stored(self, model: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        with _damage_named(self._path):
            return _known(self._connection, model, keys)


class EmbeddingAhead:
    """Puts vectors of texts into the file in a thread of its own, while the caller reads others: as many as the model gets to, the rest is left for later.

    Whatever goes wrong there ends it without a word: who embeds the rest meets it again. Close it before the file is opened otherwise.
    """

    def __init__(self, path: Path, embedder: Embedder) -> None:
        self._path = path
        self._embedder = embedder
        self._block: list[str] = []
        self._blocks: Queue[list[str]] = Queue(_BLOCKS_AHEAD)
        self._embedded = 0
        self._has_ended = threading.Event()
        self._thread: threading.Thread | None = None

    def offer(self, texts: Iterable[str]) -> None:
        """Texts that will be needed. Returns at once."""
        for text in texts:
            self._block.append(text)
            if len(self._block) == _TEXTS_AHEAD:
                with suppress(Full):
                    self._blocks.put_nowait(self._block)
                self._block = []
        # Not for a few texts: they are embedded soon enough.
        if self._thread is None and not self._blocks.empty():
            self._thread = threading.Thread(target=self._run)
            self._thread.start()

    def close(self) -> int:
        """Finish the block that is being embedded, drop the others, and return how many texts the model was run on since the beginning."""
        self._has_ended.set()
        if self._thread is not None:
            self._thread.join()
        return self._embedded

    def _run(self) -> None:
        def count(texts: int) -> None:
            self._embedded += texts

        with suppress(BaseException), closing(EmbeddingCache(self._path)) as cache:
            while not self._has_ended.is_set():
                with suppress(Empty):
                    cache.encode(self._blocks.get(timeout=_LOOK_UP_SECONDS), self._embedder, count)


def count_unknown(path: Path, model: str, blocks: Iterable[Sequence[str]]) -> int:
    """How many different texts, given block by block, the file has no vector of by a model, given by its fingerprint. Nothing is written, not even a log.

    Raises IndexDamaged when the file is no whole database.
    """
    unknown: set[bytes] = set()
    with closing(_opened_to_read(path) if path.exists() else sqlite3.connect(":memory:")) as connection, _damage_named(path):
        if not path.exists():
            connection.execute(_SCHEMA)
        for texts in blocks:
            keys = [_key(text) for text in texts]
            unknown.update(set(keys) - _known(connection, model, keys).keys())
    return len(unknown)


def _opened_to_read(path: Path) -> sqlite3.Connection:
    # What a writer has in its log, now or since it was killed, counts; where there is none, SQLite would make one even to read.
    has_log = path.with_name(f"{path.name}-wal").exists()
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{'' if has_log else '&immutable=1'}", uri=True)


def kept_embeddings(path: Path, model: str) -> int:
    """How many embeddings of a model, by its fingerprint, are kept in the file; all of it is read. Raises IndexDamaged when it is no whole database."""
    # Who may write clears SQLite's own log away again; who may not needs none.
    mode = "mode=rw" if os.access(path, os.W_OK) else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)
    try:
        with _damage_named(path):
            wrong = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if wrong != "ok":
                raise IndexDamaged(f"the embeddings that are kept in {path} are damaged: {wrong}; {_cure(path)}")
            count: int = connection.execute("SELECT count(*) FROM vectors WHERE model = ?", (model,)).fetchone()[0]
            return count
    finally:
        connection.close()


def _known(connection: sqlite3.Connection, model: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    known: dict[bytes, bytes] = {}
    for start in range(0, len(keys), _TEXTS_A_STATEMENT):
        batch = keys[start : start + _TEXTS_A_STATEMENT]
        rows = connection.execute(
            f"SELECT text_sha256, vector FROM vectors WHERE model = ? AND text_sha256 IN ({', '.join('?' * len(batch))})", (model, *batch)
        )
        known.update((key, vector) for key, vector in rows if _is_unit(vector))
    return known


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        raise IndexDamaged(f"the embeddings that are kept in {path} are damaged: {error}; {_cure(path)}") from error


def _cure(path: Path) -> str:
    return f"run `rolesearch doctor --repair --index {path.parent}`"


def _is_unit(stored: bytes) -> bool:
    """Whether what was read is a vector as it was written: what a failing disk made of it is embedded anew."""
    if len(stored) % np.dtype(np.float32).itemsize:
        return False
    vector = np.frombuffer(stored, dtype=np.float32)
    return abs(float(vector @ vector) - 1.0) < _UNIT_TOLERANCE
