"""The door of a page that others than this machine can reach: nothing is drawn for a visitor who does not know the token."""

import time

import streamlit as st

from search.errors import UsageError
from ui.access import is_token
from ui.views.parts import failure

TOKEN = "token"  # noqa: S105 - the name of the parameter
# A wrong token costs this long, so that tokens cannot be tried by the thousand.
WRONG_SECONDS = 1.0
_ADMITTED = "admitted"


def is_open(token: str) -> bool:
    """Whether this visit may go on; otherwise a form that asks for the token has been drawn. Without a token everybody may.

    A token in the address, `?token=…`, is taken as typed, and taken out of the address, which is copied and remembered.
    A visit ends when the page is loaded anew.
    """
    state = st.session_state
    if not token or state.get(_ADMITTED):
        return True
    given = st.query_params.get(TOKEN, "")
    if given:
        del st.query_params[TOKEN]
    asked = st.empty()
    with asked.form("door", border=False):
        typed = st.text_input("Token", type="password", help="Whoever runs this page knows it.", max_chars=1_000)
        if st.form_submit_button("Open") and typed:
            given = typed
    if not given:
        return False
    if not is_token(given, token):
        time.sleep(WRONG_SECONDS)
        failure(UsageError("that is not the token of this page; ask whoever runs it"))
        return False
    state[_ADMITTED] = True
    asked.empty()
    return True
