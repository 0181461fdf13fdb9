"""The pages there are, so that each can link to the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui.views.address import Address

COMPARE_ICON = ":material/compare_arrows:"


@dataclass(frozen=True, slots=True)
class Pages:
    """The search, one role, roles for a text, roles side by side, what all ask for, and what is in the index."""

    find: StreamlitPage
    role: StreamlitPage
    match: StreamlitPage
    compare: StreamlitPage
    skills: StreamlitPage
    corpus: StreamlitPage

    def link_to_role(self, label: str, role_id: str, address: Address, icon: str | None = None) -> None:
        """A link to a role that keeps the question; the label is Markdown."""
        st.page_link(self.role, label=label, icon=icon, query_params=role_parameters(role_id, address))

    def link_to_results(self, label: str, address: Address, icon: str | None = None) -> None:
        """A link to the answer to a question; the label is Markdown."""
        st.page_link(self.find, label=label, icon=icon, query_params=address.parameters())

    def link_to_comparison(self, label: str, role_ids: Sequence[str], address: Address) -> None:
        """A link to these roles side by side that keeps the question; the label is Markdown."""
        st.page_link(self.compare, label=label, icon=COMPARE_ICON, query_params=comparison_parameters(role_ids, address))

    def open_role(self, role_id: str) -> None:
        """Go to a role at once, as after a click on the map."""
        st.switch_page(self.role, query_params=role_parameters(role_id, Address()))


def role_parameters(role_id: str, address: Address) -> Mapping[str, list[str]]:
    """The parameters of a role's page: its id, and the question that the way back leads to."""
    return comparison_parameters([role_id], address)


def comparison_parameters(role_ids: Sequence[str], address: Address) -> Mapping[str, list[str]]:
    """The parameters of the page that compares these roles: their ids, and the question that the way back leads to."""
    return {"id": list(role_ids), **address.parameters()}
