"""The page as a reader gets it: one file, nothing fetched, everything described, nothing left out."""

import base64
import copy
import itertools
import json
import re
from html.parser import HTMLParser

import nbformat
import pytest
from made_up import SCRIPT, made_up_inputs

from recal_labs.catalogue.files import data_folder
from recal_labs.errors import ReportError
from recal_labs.report import (
    open_run,
    render,
    show_disagreement,
    show_limits,
    show_methods,
    show_provenance,
    show_quality,
    show_summary,
    show_title,
    store_run,
)
from recal_labs.report.page_check import page_faults

# One worker runs all tests of the page: the notebook is executed once for them.
pytestmark = pytest.mark.xdist_group("page")


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text of headings."""

    def __init__(self, page):
        super().__init__()
        self.found, self.headings, self._heading = [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self._heading = (int(tag[1]), "")

    def handle_data(self, data):
        if self._heading:
            self._heading = (self._heading[0], self._heading[1] + data)

    def handle_endtag(self, tag):
        if self._heading and re.fullmatch("h[1-6]", tag):
            self.headings.append(self._heading)
            self._heading = None

    def all(self, tag):
        return [attrs for name, attrs in self.found if name == tag]


@pytest.fixture(scope="module")
def elements(page):
    return Elements(page)


def test_nothing_is_fetched(elements, page):
    for tag, attrs in elements.found:
        for name in ("src", "srcset", "href", "xlink:href", "data", "poster"):
            address = attrs.get(name)
            if address is None:
                continue
            if tag == "a":
                assert address.startswith(("#", "https://example.org/"))
            else:
                assert address.startswith("data:"), (tag, name)
    assert not elements.all("script")
    assert not elements.all("link")
    styles = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    assert len(styles) == 1
    assert "url(" not in styles[0]
    assert "@import" not in styles[0]


def test_drawings_fetch_nothing_either(elements):
    for image in elements.all("img") + elements.all("source"):
        address = image.get("src") or image["srcset"]
        svg = base64.b64decode(address.partition("base64,")[2]).decode()
        assert not re.findall(r'(?:href|src)="(?!#|data:)[^"]*"', svg)


def test_language_title_and_landmarks(elements, page):
    assert elements.all("html")[0]["lang"] == "en-GB"
    assert f"<title>{HOSTILE_TITLE}</title>" in page
    for tag in ("main", "nav", "header"):
        assert len(elements.all(tag)) == 1, tag


HOSTILE_TITLE = "A made-up study &lt;script&gt;alert(1)&lt;/script&gt;"


def test_headings_go_down_one_step_at_a_time(elements):
    levels = [level for level, _ in elements.headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_sections_stand_in_the_promised_order_and_the_contents_lead_to_them(elements):
    sections = [attrs["id"] for attrs in elements.all("section")]
    assert sections == [
        "summary",
        "flow",
        "people",
        "effects",
        "change",
        "panel",
        "disagreement",
        "quality",
        "utility",
        "methods",
        "limits",
        "provenance",
        "notebook-code",
    ]
    inside = [a["href"] for a in elements.all("a") if a["href"].startswith("#")]
    ids = {attrs["id"] for _, attrs in elements.found if "id" in attrs}
    assert {f"#{name}" for name in sections[:-1]} <= set(inside)
    assert all(address[1:] in ids for address in inside)


def test_every_figure_says_what_it_shows(elements):
    images = elements.all("img")
    assert len(images) == len(elements.all("figure")) == len(elements.all("figcaption")) == 9
    for image in images:
        assert len(image["alt"]) > 30
        assert re.search(r"\d", image["alt"])


def test_every_table_has_a_caption_and_scoped_headings(elements):
    assert len(elements.all("table")) == len(elements.all("caption")) >= 12
    assert all(attrs.get("scope") for attrs in elements.all("th"))


def test_anchors_are_unique(elements):
    ids = [attrs["id"] for _, attrs in elements.found if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_simulated_and_further_labels_are_banners_on_top(page):
    assert page.index("SIMULATED DATA.") < page.index('<nav aria-label="Contents"')
    assert page.index("Only for tests") < page.index('<nav aria-label="Contents"')


def test_both_statements_are_on_the_page(page, run_folder):
    facts = json.loads((run_folder / "facts.json").read_text(encoding="utf-8"))
    for statement in (facts["statement"], facts["change"]["statement"]):
        assert f'data-statement="{statement["statement_id"]}"' in page
    assert page.index("data-statement") < page.index('id="effects"')


def test_text_from_inputs_shows_as_text(page):
    assert SCRIPT not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 8


def test_code_is_folded_but_never_absent(page, executed):
    for cell in executed.cells:
        if cell.cell_type == "code":
            assert cell.source.split("(")[0] in page
    assert "No description has been provided" not in page


def test_no_person_no_raw_text_and_no_path_of_this_machine(page, run_folder):
    assert "SIM-0" not in page
    assert "SECRET RAW TEXT" not in page
    assert str(run_folder) not in page
    assert "/tmp/" not in page


def test_the_page_is_of_a_size_that_can_be_mailed(page_path):
    assert page_path.stat().st_size < 3_000_000


def test_the_same_run_gives_the_same_page(page, executed, run_folder, monkeypatch, tmp_path):
    monkeypatch.setattr(render, "_execute", lambda *_: copy.deepcopy(executed))
    said = []
    again = render.render_report(run_folder, tmp_path / "again.html", progress=said.append)
    assert again.read_text(encoding="utf-8") == page
    assert said == ["running the notebook", "writing the page"]


@pytest.mark.parametrize("left_out", ["show_summary", "show_change", "show_utility", "show_limits", "show_provenance"])
def test_a_notebook_that_leaves_a_section_out_gives_no_page(left_out, executed, run_folder, monkeypatch, tmp_path):
    shortened = copy.deepcopy(executed)
    shortened.cells = [cell for cell in shortened.cells if left_out not in cell.source]
    monkeypatch.setattr(render, "_execute", lambda *_: shortened)
    with pytest.raises(ReportError, match="The page was not written"):
        render.render_report(run_folder, tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_a_study_without_interventions_has_no_heading_for_change(executed, monkeypatch, tmp_path):
    store_run(made_up_inputs(change=None), tmp_path)
    changed = copy.deepcopy(executed)
    shown = {"title": show_title, "summary-shown": show_summary, "limits-shown": show_limits}
    shown |= {"quality-shown": show_quality, "methods-shown": show_methods, "provenance-shown": show_provenance}
    shown |= {"disagreement-shown": show_disagreement}
    run = open_run(tmp_path)
    for cell in changed.cells:
        if cell.id in shown:
            cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": shown[cell.id](run)._repr_html_()})]
    monkeypatch.setattr(render, "_execute", lambda *_: changed)
    page = render.render_report(tmp_path).read_text(encoding="utf-8")
    assert 'id="change"' not in page
    assert 'href="#change"' not in page


def test_a_picture_without_alternative_text_gives_no_page(executed, run_folder, monkeypatch, tmp_path):
    changed = copy.deepcopy(executed)
    bare = nbformat.v4.new_output("display_data", {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"})
    next(cell for cell in changed.cells if "show_forest" in cell.source).outputs.append(bare)
    monkeypatch.setattr(render, "_execute", lambda *_: changed)
    with pytest.raises(ReportError, match="no alternative text"):
        render.render_report(run_folder, tmp_path / "page.html")


def test_a_cell_that_fails_is_one_sentence(run_folder, tmp_path):
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell('run_folder = "."', metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell("1 / 0"),
        ]
    )
    nbformat.write(notebook, tmp_path / "broken.ipynb")
    with pytest.raises(ReportError, match=r"broken\.ipynb, cell \d+: ZeroDivisionError: division by zero"):
        render.render_report(run_folder, tmp_path / "page.html", notebook=tmp_path / "broken.ipynb")


def test_a_missing_notebook_is_named(run_folder, tmp_path):
    with pytest.raises(ReportError, match=r"no notebook none\.ipynb"):
        render.render_report(run_folder, notebook=tmp_path / "none.ipynb")


@pytest.mark.parametrize(
    ("fault", "page_with_it"),
    [
        ("would fetch <script src", '<script src="https://example.org/x.js"></script>'),
        ("would fetch <link href", '<link rel="stylesheet" href="style.css">'),
        ("would fetch <img src", '<img src="figure.png" alt="A figure of something">'),
        ("a style would fetch", "<style>@import 'x.css';</style>"),
        ("a style would fetch", '<p style="background:url(x.png)"></p>'),
        ("no alternative text", '<img src="data:,">'),
        ("no alternative text", '<img src="data:," alt="No description has been provided for this image">'),
        ("stands more than once", '<p id="a"></p><p id="a"></p>'),
        ("h1 headings", "<h1>One</h1><h1>Two</h1>"),
        ("statement abc is not on it", "<p>abc</p>"),
        ("section “utility” does not say", '<section id="utility"><h2>Debated</h2></section>'),
    ],
)
def test_each_fault_of_a_page_is_found(fault, page_with_it):
    assert any(
        fault in found for found in page_faults(page_with_it, statements=("abc",), sentences={"utility": ["It is."]})
    )


def test_a_link_in_the_text_is_not_fetched():
    assert not [f for f in page_faults('<a href="https://example.org/">source</a>') if "fetch" in f]


def notebook():
    return nbformat.read(data_folder("notebooks") / render.NOTEBOOK, as_version=4)


def test_the_notebook_is_short_and_computes_nothing():
    cells = notebook().cells
    assert 20 <= len(cells) <= 30
    for cell in cells:
        assert len(cell.source.splitlines()) <= 5
        if cell.cell_type == "code":
            assert not re.search(r"^\s*(def|class)\s|import \*", cell.source, flags=re.MULTILINE)


def test_the_notebook_is_committed_without_outputs():
    for cell in notebook().cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_the_notebook_states_its_questions_and_has_one_settings_cell():
    cells = notebook().cells
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in cells) == 1
    sections = [cell.source for cell in cells if cell.source.startswith("## ")]
    assert len(sections) == 12
    assert all("?" in source for source in sections)
