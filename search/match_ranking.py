"""Which roles a text is matched with: found by a search for the whole text, then put in order by level and by how much of what they ask for it shows."""

from collections.abc import Sequence
from datetime import date

from search.embedding import Embedder
from search.match import Match, match_roles
from search.ranking import OURS, bonus, fulfilment
from search.records import Filters, Hit, Query, Role, Wish
from search.searcher import Searcher

# So many roles are matched for each that is shown: a text of a page finds what sounds like it, whether or not it shows what is asked.
CANDIDATES_A_MATCH, FEWEST_CANDIDATES = 2, 10


def best_matches(
    text_role: Role, searcher: Searcher, embedder: Embedder, k: int = 5, filters: Filters | None = None, today: date | None = None
) -> list[tuple[Hit, Match]]:
    """The k roles of the index that fit a CV or another role best, each as it was found and with the table of what it asks for; the text itself is left out.

    Raises what `Searcher.search` raises.
    """
    found = searcher.search(Query(_asked(text_role), max(FEWEST_CANDIDATES, CANDIDATES_A_MATCH * k), filters=filters or Filters(), collapsed=True))
    roles = [searcher.role(hit.role_id) for hit in found.hits]
    others = [(hit, role) for hit, role in zip(found.hits, roles, strict=True) if (role.title, role.text) != (text_role.title, text_role.text)]
    matches = match_roles(text_role, [role for _, role in others], embedder, today)
    return _ordered(text_role, [(hit, match) for (hit, _), match in zip(others, matches, strict=True)])[:k]


def _ordered(text_role: Role, matches: Sequence[tuple[Hit, Match]]) -> list[tuple[Hit, Match]]:
    """By the score of the search, the bonus that a query naming the text's level would give, and the share of what is asked that the text shows."""
    level = text_role.attributes.get("level")
    wishes = [Wish("level", level, level)] if isinstance(level, str) else []

    def score(one: tuple[Hit, Match]) -> float:
        hit, match = one
        own = hit.attributes.get("level")
        return hit.score + match.share + bonus(OURS, fulfilment(wishes, {"level": (own,)} if isinstance(own, str) else {}))

    return sorted(matches, key=lambda one: (-score(one), one[0].role_id))


def _asked(role: Role) -> str:
    # On one line a text's bullets and quotation marks would be operators.
    return f"{role.title}\n\n{role.text}"
