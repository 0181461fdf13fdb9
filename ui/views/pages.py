"""The pages there are, so that each can link to the others."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui.views.address import Address


@dataclass(frozen=True, slots=True)
class Pages:
    """The search, one role, and what is in the index."""

    find: StreamlitPage
    role: StreamlitPage
    corpus: StreamlitPage

    def link_to_role(self, label: str, role_id: str, address: Address, icon: str | None = None) -> None:
        """A link to a role that keeps the question; the label is Markdown."""
        st.page_link(self.role, label=label, icon=icon, query_params=role_parameters(role_id, address))

    def link_to_results(self, label: str, address: Address, icon: str | None = None) -> None:
        """A link to the answer to a question; the label is Markdown."""
        st.page_link(self.find, label=label, icon=icon, query_params=address.parameters())

    def open_role(self, role_id: str) -> None:
        """Go to a role at once, as after a click on the map."""
        st.switch_page(self.role, query_params=role_parameters(role_id, Address()))


def role_parameters(role_id: str, address: Address) -> Mapping[str, list[str]]:
    """The parameters of a role's page: its id, and the question that the way back leads to."""
    return {"id": [role_id], **address.parameters()}
