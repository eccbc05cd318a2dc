"""Widgets of forms, and presses."""

from streamlit.testing.v1 import AppTest


def test_a_press_counts_once_also_where_the_page_begins_again_before_it_is_reached():
    def page():
        import streamlit as st

        from pages.components.widgets import pressed

        if st.session_state.pop("begin_again", False):
            st.rerun()
        if pressed("Save", key="save"):
            st.session_state.presses = st.session_state.get("presses", 0) + 1

    at = AppTest.from_function(page, default_timeout=30).run()
    assert "presses" not in at.session_state
    for expected in (1, 2):
        at.session_state["begin_again"] = True
        at.button(key="save").click().run()
        assert at.session_state["presses"] == expected
    at.run()
    assert at.session_state["presses"] == 2


def test_a_press_that_was_never_reached_is_given_up_after_a_while(monkeypatch):
    from pages.components import widgets

    def page():
        import streamlit as st

        from pages.components.widgets import pressed

        if st.session_state.get("elsewhere"):
            st.stop()
        if pressed("Delete", key="delete"):
            st.session_state.deleted = True

    at = AppTest.from_function(page, default_timeout=30).run()
    at.session_state["elsewhere"] = True
    at.button(key="delete").click().run()
    monkeypatch.setattr(widgets, "PRESS_SECONDS", -1.0)
    at.session_state["elsewhere"] = False
    at.run()
    assert "deleted" not in at.session_state
