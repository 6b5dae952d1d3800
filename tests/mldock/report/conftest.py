"""A browser, to look at the report."""

from tests.page.conftest import browser, pytest_collection_modifyitems

__all__ = ["browser", "pytest_collection_modifyitems"]
