"""What the docs say of the package is what the package is."""

import importlib.util
import re
from pathlib import Path

import pytest

from recal_labs.columns import TABLES

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for place in (".", "docs", "data/sample", "data/real/nhanes2017", "reference_ranges", "tests/fixtures")
    for path in (ROOT / place).glob("*.md")
)


def test_the_page_of_tables_is_made_from_the_tables():
    spec = importlib.util.spec_from_file_location("write_tables", ROOT / "docs" / "write_tables.py")
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    assert (ROOT / "docs" / "tables.md").read_text(encoding="utf-8") == writer.page(), "run make tables"


def test_every_table_has_its_section():
    text = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+)$", text, flags=re.MULTILINE) == list(TABLES)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_pictures_of_the_docs_lead_to_a_file(page):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    for link in links:
        if "://" not in link:
            assert (page.parent / link).exists(), link
