"""The roles of the corpus that ships, as an ingest reads them: for tests of what must hold of every real role."""

from functools import cache
from pathlib import Path

from ingest.corpus import FoundFile, walk
from ingest.documents import Document
from ingest.parsing import roles_of
from ingest.readers.files import read
from ingest.readers.formats import is_readable
from search.records import Role

_ROLES = Path(__file__).resolve().parents[1] / "corpus" / "roles"


@cache
def corpus_roles() -> tuple[Role, ...]:
    """All of them, in the order of their files."""
    files = [file for file in walk([_ROLES]) if isinstance(file, FoundFile) and is_readable(file.path)]
    parts = [(f"{file.name}/{number}", file.name, part.content) for file in files for number, part in enumerate(read(file.path))]
    return tuple(role for role_id, name, content in parts if isinstance(content, Document) for role in roles_of(content, role_id, name))
