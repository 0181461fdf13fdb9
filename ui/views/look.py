"""How the pages look. Colours are mixed from that of the text, so that they suit the light and the dark theme alike.

The space at the top keeps links out from under Streamlit's header, which is invisible but takes the clicks.
"""

import streamlit as st

STYLE = """
<style>
.block-container { max-width: 54rem; padding-top: 4.25rem; padding-bottom: 4rem; }
.stHtml { overflow-wrap: anywhere; }
.stHtml h1 { font-size: 1.75rem; font-weight: 650; line-height: 1.25; padding: 0; margin: 0; letter-spacing: -0.01em; }
.stHtml a { color: inherit; text-decoration: none; }
.stHtml a:hover, .stHtml a:focus-visible { text-decoration: underline; text-underline-offset: 0.2em; }
.stHtml mark { background: color-mix(in srgb, #f2a900 38%, transparent); color: inherit; border-radius: 0.2em; padding: 0 0.1em; margin: 0 -0.1em; }
.stHtml p { margin: 0; white-space: pre-line; }
.rs-soft { opacity: 0.72; font-size: 0.875rem; line-height: 1.5; }
.rs-link { color: color-mix(in srgb, #2f7d95 55%, currentColor) !important; font-weight: 550; }
.rs-brand { display: flex; align-items: baseline; flex-wrap: wrap; gap: 0.1rem 0.75rem; }

.rs-notice { border-left: 3px solid #2f7d95; background: color-mix(in srgb, #2f7d95 11%, transparent); border-radius: 0.4rem; padding: 0.7rem 0.9rem; }
.rs-error { border-left-color: #c2503a; background: color-mix(in srgb, #c2503a 12%, transparent); }

.stHtml .rs-chips { font-size: 0.875rem; line-height: 2; }
.stHtml a.rs-chip { border: 1px solid color-mix(in srgb, currentColor 28%, transparent); border-radius: 1rem; padding: 0.15rem 0.65rem; margin-right: 0.25rem;
                    color: inherit; text-decoration: none; white-space: nowrap; display: inline-block; line-height: 1.4; }
.stHtml a.rs-chip:hover, .stHtml a.rs-chip:focus-visible { background: color-mix(in srgb, currentColor 9%, transparent); }

.rs-hit { display: grid; grid-template-columns: 2rem 1fr auto; gap: 0.15rem 0.5rem; padding: 1.1rem 0 1.2rem;
          border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
.rs-hit > * { grid-column: 2 / -1; min-width: 0; }
.rs-hit > .rs-number { grid-column: 1; grid-row: 1; opacity: 0.55; font-variant-numeric: tabular-nums; line-height: 1.6rem; }
.rs-hit > h2 { grid-column: 2; grid-row: 1; font-size: 1.15rem; font-weight: 650; line-height: 1.6rem; padding: 0; margin: 0; }
.rs-hit > .rs-score { grid-column: 3; grid-row: 1; opacity: 0.6; font-size: 0.875rem; font-variant-numeric: tabular-nums; line-height: 1.6rem; }
.rs-passage { margin: 0.55rem 0 0; padding: 0 0 0 0.9rem; border-left: 3px solid color-mix(in srgb, #f2a900 60%, transparent); line-height: 1.55; }
.stHtml .rs-passage > * + * { margin-top: 0.35rem; }
.rs-section { font-size: 0.75rem; font-weight: 600; letter-spacing: 0.04em; text-transform: uppercase; opacity: 0.6; }
.rs-hit details { margin-top: 0.5rem; }
.rs-hit summary { cursor: pointer; width: fit-content; font-size: 0.875rem; opacity: 0.72; }
.rs-hit summary:hover { opacity: 1; }
.stHtml .rs-why { margin: 0.4rem 0 0; font-size: 0.875rem; line-height: 1.6; }

.stHtml ul.rs-list { margin: 0; padding-left: 1.2rem; }
.stHtml ul.rs-list li { margin: 0.15rem 0; white-space: pre-line; font-size: inherit; }
.stHtml ul.rs-list li.rs-deep1 { margin-left: 1.2rem; }
.stHtml ul.rs-list li.rs-deep2 { margin-left: 2.4rem; }
.stHtml ul.rs-list li.rs-deep3 { margin-left: 3.6rem; }

.rs-role { line-height: 1.65; }
.stHtml .rs-role > * + * { margin-top: 0.8rem; }
.stHtml .rs-role > :is(h3, h4, h5, h6) { font-size: 1.1rem; font-weight: 650; line-height: 1.4; padding: 0; margin: 1.7rem 0 0; }
.stHtml .rs-role > :is(h4, h5, h6) { font-size: 1rem; }
.stHtml .rs-role > :is(h3, h4, h5, h6) + * { margin-top: 0.45rem; }
.rs-found { background: color-mix(in srgb, #f2a900 13%, transparent); box-decoration-break: clone; -webkit-box-decoration-break: clone; padding: 0.1em 0; }
.stHtml table.rs-facts { border-collapse: collapse; font-size: 0.925rem; line-height: 1.5; margin: 0.6rem 0 0; }
.stHtml table.rs-facts th, .stHtml table.rs-facts td { border: 0; padding: 0.1rem 0; text-align: left; vertical-align: top; }
.stHtml table.rs-facts th { font-weight: 400; opacity: 0.65; padding-right: 1.5rem; white-space: nowrap; }
.rs-legend { margin-top: 1rem !important; padding-top: 0.8rem; border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
@media (max-width: 640px) { .rs-hit { grid-template-columns: 1.3rem 1fr auto; } }
</style>
"""


def dress() -> None:
    """Put the style sheet on the page."""
    st.html(STYLE)
