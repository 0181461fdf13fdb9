"""What all roles together ask for: skills that go together, and what each level asks for, as a picture and as tables."""

from collections.abc import Sequence

import altair as alt
import streamlit as st

from search.errors import RoleSearchError
from search.gaps import Gaps, LevelAsks, SkillPair, gaps_in
from search.records import Filters
from search.searcher import Searcher
from ui.survey import share_text, years_text
from ui.views import filters
from ui.views.address import Address
from ui.views.markup import plain
from ui.views.pages import Pages
from ui.views.parts import failure, notice

# Skills in the picture, pairs in the table, skills that are named of a level.
DRAWN, MOST_PAIRS, MOST_MARKS = 24, 500, 6
_KEPT = 16
_CELL, _LABEL_WIDTH = 26, 160
# From this part of the greatest share on, the ground of a cell is so dark that its number must be bright.
_DARK_FROM = 0.7
# From no role to the greatest share, and the numbers on both halves: told apart in each theme; the numbers say it without colour.
_GROUND = {"light": ("#eef3f5", "#0b4f66"), "dark": ("#20292e", "#9bdcf0")}
_INK = {"light": ("#0a1216", "#ffffff"), "dark": ("#e6ebed", "#0a1216")}


def render(searcher: Searcher, address: Address, pages: Pages) -> None:
    """The page; `address` has the filters that the roles must meet. Reads the index and writes nothing."""
    st.title("Skills", anchor=False)
    st.caption("What all roles together ask for. The filters beside it narrow down the roles that are counted.")
    try:
        filters.sidebar(searcher, address)
        for text in address.ignored:
            notice(f"Left out: {text}.")
        with st.spinner("Counting what these roles ask for…"):
            gaps = _counted(searcher, address.filters, f"{searcher.folder} {searcher.generation()}")
    except RoleSearchError as error:
        failure(error)
        return
    if not gaps.roles:
        notice("No role is left by these filters." if address.filters else "The index is empty: there is nothing to count yet.")
        return
    st.header("Skills that go together", anchor=False)
    _pairs(gaps, pages)
    st.header("What each level asks for", anchor=False)
    _levels(gaps)


# Pairs


def _pairs(gaps: Gaps, pages: Pages) -> None:
    counted = f"Counted over {gaps.with_skills:,} roles that name a skill, of {gaps.roles:,}."
    if not gaps.pairs:
        st.caption(f"{counted} No two skills are asked for together in three roles or more, and more often than chance would have it.")
        return
    st.caption(f"{counted} The most telling pairs first, by how unlikely it is that chance brought them together. Tick a line to see roles that ask for both.")
    shown = gaps.pairs[:MOST_PAIRS]
    event = st.dataframe(
        [_pair_row(pair) for pair in shown],
        hide_index=True,
        width="stretch",
        key="pairs of skills",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Both": st.column_config.NumberColumn(help="Roles that ask for both."),
            "First": st.column_config.NumberColumn(help="Roles that ask for the first skill of the line."),
            "Second": st.column_config.NumberColumn(help="Roles that ask for the second skill of the line."),
            "× chance": st.column_config.NumberColumn(format="%.1f", help="How many times as many roles ask for both as would if the two were independent."),
            "G²": st.column_config.NumberColumn(format="%.1f", help="Log-likelihood ratio (Dunning 1993); above 10.8 chance does so once in a thousand times."),
        },
        alt="Pairs of skills that roles ask for together, with the number of roles",
    )
    if len(gaps.pairs) > MOST_PAIRS:
        st.caption(f"The first {MOST_PAIRS} of {len(gaps.pairs):,} pairs; `rolesearch gaps --json` has all.")
    chosen = event["selection"]["rows"]
    if chosen and chosen[0] < len(shown):
        pair = shown[chosen[0]]
        both = " and ".join(pair.skills)
        pages.link_to_results(f"Roles that ask for {plain(both)}", Address(both), icon=":material/arrow_forward:")


def _pair_row(pair: SkillPair) -> dict[str, str | int | float]:
    one, other = pair.skills
    return {"Skill": one, "With": other, "Both": pair.both, "First": pair.first, "Second": pair.second, "× chance": pair.lift,
            "G²": pair.likelihood}  # fmt: skip


# Levels


def _levels(gaps: Gaps) -> None:
    if not gaps.levels:
        st.caption("None of these roles names a level.")
        return
    st.caption(f"Counted over {gaps.with_level:,} roles that name a level, of {gaps.roles:,}.")
    st.dataframe(
        [_level_row(level) for level in gaps.levels],
        hide_index=True,
        width="stretch",
        height="content",
        key="levels",
        alt="What each level asks for: years, degree, and skills that others ask for less",
        column_config={
            "More than elsewhere": st.column_config.TextColumn(
                width="large", help="Skills that this level asks for more than the others do, with the share of its roles."
            )
        },
    )
    skills = gaps.most_asked(DRAWN)
    if not skills:
        return
    st.subheader("Share of the roles of each level that ask for a skill", anchor=False)
    if st.toggle("Table instead of the picture", key="levels as a table"):
        rows = [{"Skill": skill} | {level.level: _percent(level, skill) for level in gaps.levels} for skill in skills]
        st.dataframe(rows, hide_index=True, width="stretch", key="shares", alt="Percent of the roles of each level that ask for a skill")
    else:
        st.altair_chart(_picture(gaps.levels, skills), width="stretch", alt=_said(gaps.levels, skills))
    st.caption(f"In percent; the {len(skills)} skills that most roles ask for. Levels of few roles waver: their numbers stand in the table above.")


def _level_row(level: LevelAsks) -> dict[str, str | int]:
    return {
        "Level": level.level,
        "Roles": level.roles,
        "Years, median": years_text(level),
        "Degree": ", ".join(f"{degree} {count}" for degree, count in level.degrees.items()),
        "More than elsewhere": ", ".join(share_text(skill) for skill in level.marks[:MOST_MARKS]),
    }


def _percent(level: LevelAsks, skill: str) -> int:
    return next((round(100 * one.share) for one in level.skills if one.skill == skill), 0)


def _picture(levels: Sequence[LevelAsks], skills: Sequence[str]) -> alt.LayerChart | alt.FacetChart:
    rows = [{"skill": skill, "level": level.level, "percent": _percent(level, skill), "roles": level.roles} for skill in skills for level in levels]
    most = max(row["percent"] for row in rows if isinstance(row["percent"], int))
    theme = st.context.theme.type or "light"
    ground, ink = _GROUND.get(theme, _GROUND["light"]), _INK.get(theme, _INK["light"])
    axis = alt.Axis(labelLimit=_LABEL_WIDTH, ticks=False, domain=False)
    base = alt.Chart(alt.Data(values=rows), height=alt.Step(_CELL)).encode(  # type: ignore[no-untyped-call]
        x=alt.X(
            "level:N",
            sort=[level.level for level in levels],
            title=None,
            axis=alt.Axis(orient="top", labelAngle=-60, labelOverlap=False, ticks=False, domain=False),
        ),
        y=alt.Y("skill:N", sort=list(skills), title=None, axis=axis),
        tooltip=[
            alt.Tooltip("skill:N", title="Skill"),
            alt.Tooltip("level:N", title="Level"),
            alt.Tooltip("percent:Q", title="Percent of its roles"),
            alt.Tooltip("roles:Q", title="Roles of the level"),
        ],
    )
    cells = base.mark_rect().encode(color=alt.Color("percent:Q", scale=alt.Scale(domain=[0, most], range=list(ground)), legend=None))
    is_dark = alt.datum.percent > _DARK_FROM * most
    numbers = base.mark_text(fontSize=11).encode(text="percent:Q", color=alt.condition(is_dark, alt.value(ink[1]), alt.value(ink[0])))
    return alt.layer(cells, numbers.transform_filter(alt.datum.percent > 0))


def _said(levels: Sequence[LevelAsks], skills: Sequence[str]) -> str:
    """The picture in words: what each level asks for most of these."""
    best = [max((_percent(level, skill), skill) for skill in skills) for level in levels]
    told = [f"{level.level} {skill} {percent} percent" for level, (percent, skill) in zip(levels, best, strict=True) if percent]
    return f"Share of the roles of each level that ask for each of {len(skills)} skills; most of all: {', '.join(told)}. The table has all numbers."


# Kept for all visitors


@st.cache_resource(show_spinner=False, max_entries=_KEPT)
def _counted(_searcher: Searcher, filters: Filters, edition: str) -> Gaps:
    return gaps_in(_searcher, filters)
