"""Whether the index is sound: `doctor`."""

from typing import Annotated

import typer

from ui.commands.options import IndexOption, JsonOption, print_json, settings_for

EXIT_WRONG = 1
# A lost CURRENT is written anew first; only then can the rest be examined, and repaired.
_ROUNDS = 2


def doctor(
    index: IndexOption = None,
    as_json: JsonOption = False,
    repair: Annotated[bool, typer.Option("--repair", help="Cure what can be cured from what the index itself holds.")] = False,
) -> None:
    """Check every part of the index, say what is wrong and how to cure it; exit with 1 when something is."""
    from ingest.chunking import CHUNKER_VERSION
    from search.embedding import open_embedder
    from search.health import examine
    from search.repair import repair as repair_index
    from ui import diagnosis, terminal
    from ui.wiring import open_store

    settings = settings_for(index)
    embedder = open_embedder(settings.model)
    store = open_store(settings)
    findings, repaired = examine(settings.index, embedder, CHUNKER_VERSION, store), list[str]()
    for _ in range(_ROUNDS if repair else 0):
        with terminal.progress() as progress:
            done = repair_index(settings.index, embedder, findings, lambda done, total: progress("embedding", done, total), store)
        repaired += done
        findings = examine(settings.index, embedder, CHUNKER_VERSION, store) if done else findings
    told = diagnosis.diagnosis_json(settings.index, findings, repaired)
    if as_json:
        print_json(told)
    else:
        diagnosis.print_diagnosis(told)
    if not told["ok"]:
        raise typer.Exit(EXIT_WRONG)
