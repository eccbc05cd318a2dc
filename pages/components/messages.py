"""Sentences on a page, shown as they are."""

import streamlit as st

MARKDOWN = set("\\`*_{}[]()#+-.!|<>~$:&")


def escape_markdown(text: str) -> str:
    """A text with nothing in it that Markdown would take as an order, such as a name that people chose."""
    return "".join(f"\\{character}" if character in MARKDOWN else character for character in text)


def show_problem(problem: object) -> None:
    """Says what is wrong, in the words of an `InvalidInput` or of a sentence."""
    st.error(escape_markdown(str(problem)), icon=":material/error:")
