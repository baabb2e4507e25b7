"""Pages of HTML that stand alone: no script, nothing from elsewhere.

What they share, ``page.html.jinja``, lies beside this file; a page extends it by its blocks `style`
and `body`. Jinja escapes all that comes from a run.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

from ..extras import extra

_BASE = "page.html.jinja"


def render(template: str, title: str, **values: Any) -> str:
    """A page.

    Parameters
    ----------
    template : str
        The text of a template that extends ``page.html.jinja``.
    title : str
    **values
        What it shows.

    Raises
    ------
    ImportError
        If Jinja isn't installed.
    """
    jinja2 = extra("jinja2", "the page")
    base = resources.files(__package__).joinpath(_BASE).read_text(encoding="utf-8")
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({_BASE: base}),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    page: str = environment.from_string(template).render(title=title, **values)
    return page
