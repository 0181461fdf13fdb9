"""The map of all roles: near is alike. A click on a point opens the role; the same roles as a table for those whom the picture does not serve."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import altair as alt
import streamlit as st

from search.landscape import Points
from search.searcher import Contents
from ui.views.charts import DRAWN, in_order

# Kinds that have a colour and a shape of their own; more could not be told apart.
MOST_KINDS = 7
OTHERS = "others, or not said"
HELP = "Drag to move, pinch or hold Ctrl and turn the wheel to come nearer, double-click to see all, click a point to open its role."
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
# A smaller circle, as a path: the others are there, and draw no eye.
_DOT = "M0.6,0A0.6,0.6,0,1,1,-0.6,0A0.6,0.6,0,1,1,0.6,0"
# Told apart by people who do not see red or green: Okabe and Ito, 2008, darkened for a white ground.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#a8628c", "#b8860b", "#3d9bd1", "#8a6cc9")
_GREY = "#7f7f7f"
_HEIGHT = 520
_SMALLEST, _LARGEST, _SHARED = 20, 70, 25_000
_MARGIN = 1.05
_CLICKED = "clicked"
_TURN = "turn of the map"


def show_map(contents: Contents, points: Points, open_role: Callable[[str], None], as_table: bool) -> None:
    """The map, or the table. `points` has shape (roles, 2), in the order of the contents' ids."""
    state = st.session_state
    turn = state.setdefault(_TURN, 0)
    if as_table:
        row = _table(contents, key=f"table of the map {turn}")
        picked = contents.ids[row] if row is not None else None
    else:
        picked = _chart(contents, points, key=f"map {turn}")
    if picked in contents.ids:
        # Another key forgets what was clicked: who comes back is not sent to the role again.
        state[_TURN] = turn + 1
        open_role(str(picked))


def kinds_of(contents: Contents, key: str) -> list[str]:
    """For each role its value of an attribute, if that is one of the most frequent, else OTHERS; the first where it has several."""
    firsts = [next(iter(contents.attributes.get(role_id, {}).get(key, ())), "") for role_id in contents.ids]
    frequent = {value for value, _ in Counter(filter(None, firsts)).most_common(MOST_KINDS)}
    return [value if value in frequent else OTHERS for value in firsts]


def clicked_role(event: Any) -> str | None:
    """The role id in what the chart reports of a click; None where nothing was clicked."""
    clicked = event.get("selection", {}).get(_CLICKED, []) if hasattr(event, "get") else []
    return next((str(point["id"]) for point in clicked if "id" in point), None)


def _chart(contents: Contents, points: Points, key: str) -> str | None:
    choices = [one for one in ("family", "level") if any(one in held for held in contents.attributes.values())]
    chosen = None
    if choices:
        chosen = st.segmented_control("Colour by", choices, format_func=DRAWN.__getitem__, default=choices[0], required=True, key="map_by", bind="query-params")
    kinds = kinds_of(contents, chosen) if chosen in choices else [OTHERS] * len(contents.ids)
    counts = Counter(kinds)
    legend = [*in_order(str(chosen), [kind for kind, _ in counts.most_common() if kind != OTHERS]), *([OTHERS] if OTHERS in counts else [])]
    chart = _points(_rows(contents, points, kinds), legend)
    said = ", ".join(f"{kind} {counts[kind]}" for kind in legend)
    alt_text = f"Map of {len(contents.ids)} roles; those that mean the same lie near each other. {said}. The table lists them."
    event = st.altair_chart(chart, width="stretch", height=_HEIGHT, key=key, on_select="rerun", selection_mode=_CLICKED, alt=alt_text)
    st.caption(HELP)
    return clicked_role(event)


def _rows(contents: Contents, points: Points, kinds: Sequence[str]) -> list[dict[str, Any]]:
    rows = [
        {"id": role_id, "x": round(float(x), 4), "y": round(float(y), 4), "title": title or "Untitled", "kind": kind, **_said(contents, role_id)}
        for role_id, title, (x, y), kind in zip(contents.ids, contents.titles, points, kinds, strict=True)
    ]
    # What is drawn later lies above: what has a colour of its own.
    return sorted(rows, key=lambda row: row["kind"] != OTHERS)


def _said(contents: Contents, role_id: str) -> dict[str, str]:
    held = contents.attributes.get(role_id, {})
    return {key: ", ".join(held.get(key, ())) for key in ("family", "level")}


def _points(rows: Sequence[dict[str, Any]], legend: Sequence[str]) -> alt.Chart:
    click = alt.selection_point(name=_CLICKED, fields=["id"], on="click", clear=False, empty=False)
    move = alt.selection_interval(name="move", bind="scales", zoom="wheel![event.ctrlKey || event.metaKey]")
    place: dict[str, Any] = {"axis": None, "scale": alt.Scale(domain=[-_MARGIN, _MARGIN], nice=False)}
    shapes = [_DOT if kind == OTHERS else shape for kind, shape in zip(legend, (*_SHAPES, _DOT), strict=False)]
    colours = [_GREY if kind == OTHERS else colour for kind, colour in zip(legend, (*_COLOURS, _GREY), strict=False)]
    explained = alt.Legend(orient="bottom", columns=2, title=None, labelLimit=220, symbolOpacity=1)
    chart: alt.Chart = (
        alt.Chart(alt.Data(values=list(rows)))  # type: ignore[no-untyped-call]
        .mark_point(filled=True, size=_size(len(rows)), opacity=0.85, cursor="pointer")
        .encode(
            x=alt.X("x:Q", **place),
            y=alt.Y("y:Q", **place),
            color=alt.Color("kind:N", scale=alt.Scale(domain=list(legend), range=colours), legend=explained),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=list(legend), range=shapes), legend=explained),
            tooltip=[alt.Tooltip("title:N", title="Role"), alt.Tooltip("family:N", title="Family"), alt.Tooltip("level:N", title="Level")],
        )
        .add_params(click, move)
    )
    return chart


def _size(roles: int) -> int:
    """Area of a point in square pixels: smaller where many would cover each other."""
    return max(_SMALLEST, min(_LARGEST, _SHARED // max(roles, 1)))


def _table(contents: Contents, key: str) -> int | None:
    """The row of the contents that was chosen."""
    order = sorted(range(len(contents.ids)), key=lambda row: contents.titles[row].casefold())
    rows = [{"Role": contents.titles[row] or "Untitled", **{DRAWN[name]: text for name, text in _said(contents, contents.ids[row]).items()}} for row in order]
    st.caption("Tick the box at the beginning of a line to open the role.")
    event = st.dataframe(rows, hide_index=True, width="stretch", key=key, on_select="rerun", selection_mode="single-row", alt="All roles, by title")
    chosen = event["selection"]["rows"]
    return order[chosen[0]] if chosen and chosen[0] < len(order) else None
