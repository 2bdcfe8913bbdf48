"""The page in a real browser, as wide as a desk and as narrow as a phone."""

from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")

# One worker runs all tests of the page: the notebook is executed once for them.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("page")]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no chromium: install Debian's package of that name")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(params=[(1280, "light"), (360, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def opened(request, browser, page_path):
    """The page with everything it complained about or asked for."""
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True, reduced_motion="reduce"
    )
    tab = context.new_page()
    tab.complaints, tab.requests = [], []
    tab.on("console", lambda message: tab.complaints.append(message.text))
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.on("dialog", lambda dialog: (tab.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
    tab.on("request", lambda sent: None if sent.url.startswith("data:") else tab.requests.append(sent.url))
    tab.goto(page_path.as_uri())
    yield tab
    context.close()


def test_no_complaint_and_nothing_asked_for(opened, page_path):
    assert opened.complaints == []
    assert opened.requests == [page_path.as_uri()]


def test_no_sideways_scroll(opened):
    for details in opened.locator("details").all():
        details.evaluate("element => element.open = true")
    assert opened.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_markup_from_inputs_is_seen_as_text(opened):
    assert "<script>alert(1)</script>" in opened.locator("h1").inner_text()
    assert "<script>alert(1)</script>" in opened.locator("#table-effects").inner_text()
    assert "<script>alert(1)</script>" in opened.locator("#table-files").inner_text()


def test_figures_are_drawn_and_fit_the_page(opened):
    width = opened.viewport_size["width"]
    for image in opened.locator("figure img").all():
        box = image.bounding_box()
        assert image.evaluate("element => element.complete && element.naturalWidth > 0")
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    shown = opened.locator("figure img").first.evaluate("element => element.naturalWidth")
    assert (shown < 400) == (width < 640)


def test_estimates_with_their_intervals_are_seen_without_scrolling_sideways(opened):
    width = opened.viewport_size["width"]
    for name in ("effects", "change"):
        for cell in opened.locator(f"#table-{name} td.estimate:not(.none):not(.faint)").all():
            box = cell.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width


def test_no_table_of_numbers_goes_beyond_a_desks_page(opened):
    if opened.viewport_size["width"] < 640:
        pytest.skip("rows are stacked there")
    for name in ("effects", "change", "disagreement", "reference"):
        box = opened.locator(f"#table-{name}").bounding_box()
        frame = opened.locator(f".scroll:has(#table-{name})").bounding_box()
        assert box["width"] <= frame["width"] + 1, name


def test_a_table_that_goes_on_beyond_its_edge_is_shaded_there(opened):
    shown = opened.locator(".scroll").first.evaluate("element => getComputedStyle(element).backgroundAttachment")
    assert shown == "local, local, scroll, scroll"


def test_what_names_a_row_stays_in_view_where_a_table_scrolls(opened):
    heading = opened.locator("#table-change tbody tr:nth-child(2) th[scope=row]").first
    sticky = heading.evaluate("element => getComputedStyle(element).position")
    assert sticky == ("sticky" if opened.viewport_size["width"] > 640 else "static")


def test_a_note_is_reached_from_its_mark(opened):
    opened.locator("#table-effects sup.mark a").first.click()
    assert opened.evaluate("location.hash") == "#table-effects-note-1"
    assert opened.locator("#table-effects-note-1").is_visible()


def test_contents_lead_to_their_section(opened):
    opened.locator("nav a", has_text="clinically useful").click()
    top = opened.locator("#utility").bounding_box()["y"]
    assert -5 <= top <= 60


def test_code_unfolds(opened):
    section = opened.locator("#effects details.code").first
    assert not section.locator("code").is_visible()
    section.locator("summary").click()
    assert section.locator("code").is_visible()


def test_the_keyboard_reaches_the_skip_link_first(opened):
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"


def test_the_first_printed_page_holds_the_statement_and_tables_fit_the_paper(browser, page_path):
    tab = browser.new_page(viewport={"width": 718, "height": 1020})
    tab.emulate_media(media="print")
    tab.goto(page_path.as_uri())
    statement = tab.locator(".statement").first.bounding_box()
    assert statement["y"] + statement["height"] < 1020
    # 688 pixels are 182 mm: the width of A4 between the margins of the page.
    too_wide = "tables => tables.filter(t => t.getBoundingClientRect().right > 689).map(t => t.id)"
    tab.set_viewport_size({"width": 688, "height": 1020})
    assert tab.locator("table").evaluate_all(too_wide) == []
    tab.close()
