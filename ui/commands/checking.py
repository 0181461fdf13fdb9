"""Whether the index is sound: `doctor`."""

from ui.commands.options import IndexOption, JsonOption, print_json, settings_for


def doctor(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Say what is in the index, what built it and what was refused, and check that its parts agree."""
    from search.embedding import open_embedder
    from search.index import Index, check_in_step, stored_vectors
    from ui import present, terminal

    settings = settings_for(index)
    opened = Index.open(settings.index, open_embedder(settings.model).fingerprint)
    try:
        with stored_vectors(settings.index, opened.generation) as stored:
            check_in_step(opened.manifest, stored, opened.lexical, opened.vectors, opened.role_vectors)
        status = present.status_json(opened.manifest)
    finally:
        opened.close()
    if as_json:
        print_json(status)
    else:
        terminal.print_status(status)
