"""The pages: what is asked of a searcher and how the answer looks. Text from outside reaches the page through `markup.html_of` only."""
