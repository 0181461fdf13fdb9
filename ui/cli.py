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
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_PrintableFormatter("%(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    with _translated_errors():
        app()


class _PrintableFormatter(logging.Formatter):
    """One line a message, without what a terminal would obey: names of files and texts of roles may stand in it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        record.message = _printable(record.message)
        return super().formatMessage(record)


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except RoleSearchError as error:
        sys.stderr.write(f"rolesearch: {_printable(str(error))}\n")
        sys.exit(error.exit_code)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        sys.stderr.write(f"rolesearch: {_printable(f'{error.strerror or error}{place}')}\n")
        sys.exit(1)


def _printable(text: str) -> str:
    from ui.present import printable  # with it comes what `--help` does without

    return printable(text)


if __name__ == "__main__":
    main()
