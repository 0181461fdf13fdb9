"""Matches, comparisons and differences for a person at a terminal: tables and marks where stdout is one, plain lines with tabs in a pipe."""

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from search.asks import Kind
from search.compare import Comparison, Fact, Pairing
from search.difference import Difference, Place
from search.match import Line, Match, Verdict
from search.quotes import Quote, Sentence
from search.records import Hit, Role
from search.words import differing_spans
from ui.present import printable

LETTERS = "ABCD"
_STYLES = {Verdict.MET: "green", Verdict.PARTLY: "yellow", Verdict.MISSING: "red"}
_ORDER = {verdict: number for number, verdict in enumerate(Verdict)}


def print_matches(text: Role, matches: Sequence[tuple[Hit, Match]]) -> None:
    """For each role, best first, how much of what it asks for the text shows, and the table."""
    console = _console()
    if not matches:
        console.print(Text(f"No role fits {printable(text.title)}."))
    for number, (hit, match) in enumerate(matches, start=1):
        counts = ", ".join(f"{match.count(verdict)} {verdict.value}" for verdict in Verdict)
        wished = sum(line.ask.wished for line in match.lines)
        more = f"; {match.count(Verdict.MET, wished=True)} of {wished} wishes met" if wished else ""
        console.print(Text.assemble(f"{number}. ", (printable(hit.title), "bold"), f"  {counts}{more}", (f"  {printable(hit.role_id)}", "dim")))
        if console.is_terminal:
            _print_table(console, match)
        else:
            _print_lines(match)


def _print_table(console: Console, match: Match) -> None:
    table = Table("", "asked", "in the role", "in the text", show_lines=True, expand=True)
    lines = sorted(match.lines, key=lambda line: _ORDER[line.verdict])
    silent = [line for line in lines if line.verdict is Verdict.MISSING and line.shown is None and line.ask.kind is Kind.SKILL]
    for line in (line for line in lines if line not in silent):
        is_sentence = line.ask.kind in (Kind.DUTY, Kind.REQUIREMENT)
        asked = _asked(line) if not is_sentence else line.ask.kind.value + (" (wished)" if line.ask.wished else "")
        table.add_row(Text(line.verdict.value, style=_STYLES[line.verdict]), asked, Text(_quoted(line.ask.quote)), Text(_shown(line)))
    if silent:
        names = ", ".join(printable(line.ask.said) for line in silent)
        table.add_row(Text(Verdict.MISSING.value, style=_STYLES[Verdict.MISSING]), "skills", Text(names), "")
    console.print(table)


def _print_lines(match: Match) -> None:
    for line in match.lines:
        wished = "wished" if line.ask.wished else "needed"
        cells = (line.verdict.value, wished, line.ask.kind.value, printable(line.ask.said), _quoted(line.ask.quote), _shown(line))
        sys.stdout.write("\t".join(cells) + "\n")


def _asked(line: Line) -> Text:
    return Text(f"{line.ask.kind.value}: {printable(line.ask.said)}" + (" (wished)" if line.ask.wished else ""))


def _shown(line: Line) -> str:
    value = f"{line.value}: " if line.value and line.ask.kind in (Kind.YEARS, Kind.DEGREE) else ""
    return f"{value}{_quoted(line.shown)}" if line.shown or value else ""


def _quoted(quote: Quote | None) -> str:
    return printable(quote.text) if quote else ""


# Comparisons ----------------------------------------------------------------------------------------------------------


def print_comparison(comparison: Comparison) -> None:
    """What differs first: attributes, skills, then sentence by sentence under the first role's headings; what is the same is only counted."""
    console = _console()
    for letter, role in zip(LETTERS, comparison.roles, strict=False):
        console.print(Text.assemble(f"{letter}  ", (printable(role.title), "bold"), (f"  {printable(role.id)}", "dim")))
    for note in comparison.notes:
        console.print(Text(printable(note), "yellow"))
    console.print()
    for fact in sorted(comparison.facts, key=lambda fact: fact.same):
        console.print(_fact(fact))
    _print_skills(console, comparison)
    for pairing in comparison.pairings:
        _print_pairing(console, pairing)


def _fact(fact: Fact) -> Text:
    if fact.same:
        return Text.assemble(f"{fact.key}: ", ", ".join(fact.values[0]), (" (the same)", "dim"))
    return Text.assemble(f"{fact.key}: ", (" → ".join(", ".join(values) or "not stated" for values in fact.values), "bold"))


def _print_skills(console: Console, comparison: Comparison) -> None:
    if shared := comparison.shared_skills():
        console.print(Text(f"skills of all: {', '.join(shared)}"))
    for number in range(len(comparison.roles)):
        if own := comparison.own_skills(number):
            console.print(Text(f"skills of {LETTERS[number]} alone: {', '.join(own)}"))
    for skill in comparison.skills:
        if 1 < sum(skill.held) < len(skill.held):
            console.print(Text(f"skill of {' and '.join(letter for letter, held in zip(LETTERS, skill.held, strict=False) if held)}: {skill.name}"))


def _print_pairing(console: Console, pairing: Pairing) -> None:
    other, paired = LETTERS[pairing.other], pairing.paired
    changed = len(paired.changed())
    console.print()
    for letter, words in zip((LETTERS[0], other), pairing.marks, strict=True):
        if words:
            console.print(Text(f"words that mark {letter}: {', '.join(words)}"))
    counts = (
        f"{changed} changed, {len(paired.only_first)} in {LETTERS[0]} alone, {len(paired.only_other)} in {other} alone, {len(paired.pairs) - changed} the same"
    )
    console.print(Text(f"What changes from {LETTERS[0]} to {other}: {counts}", style="bold"))
    for difference in paired.differences():
        console.print()
        console.print(Text(printable(difference.heading) or "At the beginning", style="bold cyan"))
        for pair in difference.changed:
            moved = f"  ({printable(pair.other.heading)})" if pair.other.heading != difference.heading else ""
            _print_sentence(console, f"  {LETTERS[0]}  ", pair.first, pair.other)
            _print_sentence(console, f"  {other}  ", pair.other, pair.first, moved)
        _print_alone(console, f"  only {LETTERS[0]}  ", difference.only_first)
        _print_alone(console, f"  only {other}  ", difference.only_other)


def _print_alone(console: Console, label: str, sentences: Iterable[Sentence]) -> None:
    for sentence in sentences:
        console.print(Text.assemble((label, "dim"), printable(sentence.quote.text)))


def _print_sentence(console: Console, label: str, sentence: Sentence, other: Sentence, behind: str = "") -> None:
    """A sentence with the words in bold that its partner has not."""
    said = printable(sentence.quote.text)
    text = Text(said)
    for start, end in differing_spans(said, other.quote.text):
        text.stylize("bold", start, end)
    console.print(Text.assemble((label, "dim"), text, (behind, "dim")))


# Differences ----------------------------------------------------------------------------------------------------------

# Characters of equal text that stand beside a difference.
AROUND = 60


def print_difference(difference: Difference) -> None:
    """What changes, a place a paragraph: [-removed-] and {+added+}, as `git diff --word-diff` has it, with a few words around."""
    console = _console()
    for letter, role in zip(LETTERS, difference.roles, strict=False):
        console.print(Text.assemble(f"{letter}  ", (printable(role.title), "bold"), (f"  {printable(role.id)}", "dim")))
    places = difference.places()
    differ = f"words differ in {len(places)} {'place' if len(places) == 1 else 'places'}"
    console.print(Text(f"{difference.share:.0%} of the runs of four words in common; {differ}", style="dim"))
    for key, (values, others) in difference.facts.items():
        console.print(Text.assemble(f"{key}: ", (f"{', '.join(values) or 'not stated'} → {', '.join(others) or 'not stated'}", "bold")))
    for place in places:
        console.print()
        console.print(_changed(place))


def _changed(place: Place) -> Text:
    text = Text(_last_words(printable(place.before)), "dim")
    text.append(f" [-{printable(place.removed)}-]" if place.removed else "", "red")
    text.append(f" {{+{printable(place.added)}+}}" if place.added else "", "green")
    return text.append(f" {_first_words(printable(place.after))}", "dim")


def _last_words(text: str) -> str:
    return text if len(text) <= AROUND else "… " + text[-AROUND:].partition(" ")[2]


def _first_words(text: str) -> str:
    return text if len(text) <= AROUND else text[:AROUND].rpartition(" ")[0] + " …"


def _console() -> Console:
    """Colours and wrapping on a terminal only: a line of output is a line in a pipe."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty(), markup=False, emoji=False)
