"""Components whose scripts are files that the server gives out, so that a strict proxy lets them run.

What stands in a page as a text may be refused by a Content-Security-Policy; a file of our own server is not. Streamlit
finds such files by the manifest of an installed package, which a clone is not, so it is told of them here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

SCRIPTS = "scripts"
PACKAGE = "digit-studio"


def component(script: str, *, html: str | None = None) -> Callable[..., Any]:
    """A component, in the page's own DOM, whose script is a file below `scripts/`.

    Args:
        script: The file without its ending, such as "inside/view".
        html: What it begins with.
    """
    name = script.replace("/", "_")
    config = ComponentConfig(name=name, asset_dir=SCRIPTS)
    manifest = ComponentManifest(name=PACKAGE, version="0", components=[config])
    key = f"{PACKAGE}.{name}"

    def tell_streamlit() -> None:
        """Once for each server; tests have one after the other in a process."""
        manager = get_bidi_component_manager()
        if manager.get_component_asset_root(key) is None:
            manager.register_from_manifest(manifest, Path(__file__).parent)

    def show(**about: Any) -> Any:
        tell_streamlit()
        return made(**about)

    tell_streamlit()
    made = st.components.v2.component(key, html=html, js=f"{script}.js", isolate_styles=False)
    return show
