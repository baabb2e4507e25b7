"""What tests of studies share: none of them downloads anything, or finds what was."""

import pytest

from fxtypes_nn.datasets import download


@pytest.fixture(autouse=True)
def a_cache_of_its_own(tmp_path_factory, monkeypatch):
    cache = tmp_path_factory.mktemp("cache") / "fxtypes"
    monkeypatch.setattr(download, "_cache", lambda: str(cache), raising=True)
    monkeypatch.delenv("FXTYPES_DATA", raising=False)
