"""The library: what a role is, the index that holds roles, and how it is asked. Imports nothing else of this project.

`open_index` is the way in for programs. What it needs is imported when it is called: `import search` by itself costs nothing.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.role_index import RoleIndex

__all__ = ["open_index"]


def open_index(path: Path | str, model: str | None = None, vectors: str = "matrix") -> "RoleIndex":
    """Open the index in a folder, as `rolesearch ingest` made it, to ask it from Python; `model` names another model than the one that ships, `vectors` the
    Chroma server that holds the vectors, or "chroma": docs/chroma-server.md.

        from search import open_index
        roles = open_index(".rolesearch")
        print(roles.search("Kubernetes mentorship lead").hits[0].title)

    What comes back moves on by itself when the index gets a new generation, and may be asked from several threads. The model is loaded by the first question
    that needs it. Raises IndexMissing when there is no index, IndexMismatch when it was made with another model or schema, IndexDamaged, and ModelError.
    """
    from search.embedding import SHIPPED_MODEL, open_embedder
    from search.role_index import RoleIndex
    from search.vector_stores import vector_store

    return RoleIndex.open(Path(path), open_embedder(model or SHIPPED_MODEL), vector_store(vectors))
