"""The command line, `rolesearch`: puts the commands of `ui.commands` together and translates what goes wrong.

Results on stdout, all else on stderr; others script against it.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from search.errors import RoleSearchError
from ui.commands import checking, finding, ingesting, measuring, serving, surveying, watching

app = typer.Typer(
    help="Find the right role among thousands of role descriptions by what it means, on this machine, and see why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# In the order in which `--help` lists them.
COMMANDS = (
    ingesting.ingest,
    ingesting.rebuild,
    finding.search,
    finding.similar,
    finding.match,
    finding.compare,
    finding.diff,
    surveying.gaps,
    measuring.evaluate,
    checking.doctor,
    serving.ui,
    serving.serve,
    serving.mcp,
)
for _command in COMMANDS:
    app.command()(_command)
app.add_typer(watching.app, name="watch")


def main() -> None:
    """Run the command line. Errors that a user can cure are one line on stderr and an exit code; anything else keeps its traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s", stream=sys.stderr)
    with _translated_errors():
        app()


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except RoleSearchError as error:
        sys.stderr.write(f"rolesearch: {error}\n")
        sys.exit(error.exit_code)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        sys.stderr.write(f"rolesearch: {error.strerror or error}{place}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
