"""Commands that look at all roles together: `gaps`."""

from typing import Annotated

import typer

from ui.commands.options import FilterOption, IndexOption, JsonOption, print_json, settings_for


def gaps(
    skill: Annotated[str | None, typer.Option(help="Only what goes with this skill.", show_default=False)] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many pairs of skills at most; JSON has all.")] = 20,
    filters: FilterOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count which skills roles ask for together, and which levels ask for what; tables are Markdown in a pipe."""
    from search.filters import parse_filters
    from search.gaps import gaps_in
    from ui import survey
    from ui.wiring import open_searcher

    found = gaps_in(open_searcher(settings_for(index)), parse_filters(filters or []))
    if as_json:
        print_json(survey.gaps_json(found, skill))
    else:
        survey.print_gaps(found, skill, k)
