"""How many roles there are of each kind: bars, or the same numbers as tables for those whom pictures do not serve."""

from collections.abc import Mapping, Sequence

import altair as alt
import streamlit as st

from search.attributes.levels import LEVELS
from search.manifest import SOURCE

# Attributes that are drawn, with their headings.
DRAWN = {"family": "Family", "level": "Level", "skills": "Skill", SOURCE: "Folder or file"}
MOST_BARS = 20
_BAR_HEIGHT = 24
_LABEL_WIDTH = 150
_INK = {"light": "#1f2a30", "dark": "#e6ebed"}
_GREY = "#75828a"

Counts = Mapping[str, int]


def breakdown(facets: Mapping[str, Counts], as_tables: bool) -> None:
    """A chart or table for each of the drawn attributes that the roles have."""
    held = [key for key in DRAWN if facets.get(key)]
    columns = st.columns(2, gap="medium") if held else []
    for number, key in enumerate(held):
        with columns[number % 2]:
            st.subheader(DRAWN[key], anchor=False)
            _table(key, facets[key]) if as_tables else _bars(key, facets[key])


def in_order(key: str, values: Sequence[str]) -> list[str]:
    """Levels by seniority, those that are none of ours last; other values as they come."""
    if key != "level":
        return list(values)
    return sorted(values, key=lambda value: LEVELS.index(value) if value in LEVELS else len(LEVELS))


def _bars(key: str, counts: Counts) -> None:
    shown = in_order(key, list(counts)[:MOST_BARS])
    rows = [{"value": value, "roles": counts[value]} for value in shown]
    data = alt.Data(values=rows)  # type: ignore[no-untyped-call]
    base = alt.Chart(data, height=alt.Step(_BAR_HEIGHT)).encode(
        y=alt.Y("value:N", sort=shown, title=None, axis=alt.Axis(labelLimit=_LABEL_WIDTH, ticks=False, domain=False)),
        x=alt.X("roles:Q", title=None, axis=None),
        tooltip=[alt.Tooltip("value:N", title=DRAWN[key]), alt.Tooltip("roles:Q", title="Roles")],
    )
    # A chart's theme has no colour for text in it, which is black otherwise.
    number = base.mark_text(align="left", dx=4, color=_INK.get(st.context.theme.type or "", _GREY)).encode(text="roles:Q")
    most = ", ".join(f"{value} {counts[value]}" for value in list(counts)[:3])
    st.altair_chart(base.mark_bar() + number, width="stretch", alt=f"Roles by {DRAWN[key].lower()}, the most frequent first: {most}. The tables have all.")
    if len(counts) > MOST_BARS:
        st.caption(f"The {MOST_BARS} most frequent of {len(counts):,}; the table has all.")


def _table(key: str, counts: Counts) -> None:
    rows = [{DRAWN[key]: value, "Roles": counts[value]} for value in in_order(key, list(counts))]
    st.dataframe(rows, hide_index=True, width="stretch", alt=f"Roles by {DRAWN[key].lower()}", key=f"table of {key}")
