"""How Sphinx builds the documentation, from the whole repository, so that links between pages stay.

`make docs`, or `python -m sphinx -W -c docs/site . build/docs`.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]

from vsrrg import __version__  # noqa: E402

project = "vsrrg"
author = "the vsrrg authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "navigation", "folders"]
root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "docs/**.md",
    "examples/README.md",
    "plugins/*/README.md",
    "training/README.md",
    "vsrrg/models/weights/*.md",
]
exclude_patterns = [".*", "build", "runs", "web", "**/__pycache__"]

myst_heading_anchors = 6
myst_enable_extensions = ["html_image"]
suppress_warnings = [
    # A page may go from a large heading to a small one.
    "myst.header",
    # Two classes are called Derainer, the engine's and the one for any frames.
    "ref.python",
]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
default_role = "code"
python_maximum_signature_line_length = 90
autodoc_typehints_format = "short"

html_theme = "furo"
html_title = f"vsrrg {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_additional_pages = {"index": "start.html"}
templates_path = ["templates"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
highlight_language = "text"
pygments_style = "friendly"
pygments_dark_style = "nord"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#22557f",
        "color-brand-content": "#22649e",
        "color-sidebar-link-text": "#3d4852",
        "color-sidebar-link-text--top-level": "#3d4852",
    },
    "dark_css_variables": {
        "color-brand-primary": "#86bdf0",
        "color-brand-content": "#7ab6ee",
        "color-sidebar-link-text": "#b9c2cc",
        "color-sidebar-link-text--top-level": "#b9c2cc",
    },
}
