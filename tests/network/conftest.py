"""What the tests of networks share: none of them downloads anything, or finds what was."""

import pytest

from fxtypes_nn.datasets import download, published


@pytest.fixture(autouse=True)
def nothing_is_downloaded(tmp_path_factory, monkeypatch):
    """Data sets have an address at which nobody answers, and a cache that is empty."""
    monkeypatch.setattr(download, "_cache", lambda: str(cache), raising=True)
    cache = tmp_path_factory.mktemp("cache") / "fxtypes"
    for name, each in published.PUBLISHED.items():
        nowhere = each._replace(addresses=("http://127.0.0.1:9/",))
        monkeypatch.setitem(published.PUBLISHED, name, nowhere)
    return cache
