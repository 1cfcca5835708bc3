"""A Sphinx extension: links to folders lead to their README, or become plain text where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx


def resolve_folders(app: Sphinx, page: nodes.document) -> None:
    """Turns every link to a folder that is there into one that Sphinx can follow."""
    for link in list(page.findall(pending_xref)):
        if link.get("reftype") != "myst" or link.get("refdomain"):
            continue
        folder = Path(app.env.relfn2path(link["reftarget"], app.env.docname)[1])
        if (folder / "README.md").is_file():
            link["refdomain"], link["reftarget"] = "doc", app.env.path2doc(str(folder / "README.md"))
            link["reftargetid"] = None
        elif folder.is_dir():
            link.replace_self(link.children)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-read", resolve_folders)
    return {"parallel_read_safe": True}
