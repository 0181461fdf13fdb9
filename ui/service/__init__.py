"""The index over HTTP: `rolesearch serve`. Its folder is not called http: Streamlit puts ui/ in front of the standard library's names."""
