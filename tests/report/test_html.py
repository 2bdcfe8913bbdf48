import pytest
from made_up import SCRIPT

from recal_labs.report.figures.picture import Drawing, Picture
from recal_labs.report.html import Column, definitions, figure, fill, link, listing, paragraphs, stack, table, told

PICTURE = Picture(Drawing("data:,wide", 700, 300), Drawing("data:,narrow", 320, 300))


def test_text_is_escaped_wherever_it_comes_in():
    shown = [
        table([{"a": SCRIPT}], [Column("a", SCRIPT, "head")], key="k", number=SCRIPT, caption=SCRIPT),
        figure(PICTURE, key="k", number=SCRIPT, caption=SCRIPT, alt=f'"{SCRIPT}'),
        definitions([(SCRIPT, SCRIPT)]),
        listing([SCRIPT]),
        paragraphs([SCRIPT]),
    ]
    for piece in shown:
        assert "<script" not in piece._repr_html_()
        assert "&lt;script&gt;" in piece._repr_html_()
    assert 'alt="&#34;&lt;script' in shown[1]._repr_html_()


def test_a_table_has_caption_and_scoped_headings():
    columns = [Column("analyte", "Analyte", "group"), Column("score", "Score", "head"), Column("n", "n", "number")]
    rows = [{"analyte": "hva", "score": s, "n": 3} for s in ("phq9", "gad7")] + [{"analyte": "vma", "score": "phq9"}]
    html = str(table(rows, columns, key="effects", number="Table 3", caption="Effects").html)
    assert html.count("<caption") == 1
    assert html.count('scope="col"') == 3
    assert html.count('scope="rowgroup" role="rowheader" rowspan="2"') == 1
    assert html.count('scope="rowgroup" role="rowheader" rowspan="1"') == 1
    assert html.count('scope="row"') == 3
    assert '<td role="cell" class="number none" data-label="n">–</td>' in html


def test_a_band_names_its_rows_in_a_line_above_them():
    columns = [Column("kind", "Kind", "band"), Column("name", "Name", "head"), Column("n", "n", "number")]
    rows = [{"kind": "Scores", "name": "phq9", "n": 1}, {"kind": "Amounts", "name": "hva", "n": 2}]
    html = str(table(rows, columns, key="k", number="Table 1", caption="Both").html)
    assert html.count('scope="col"') == 2
    assert html.count('colspan="2">') == html.count("<tbody") == 2


def test_notes_stand_once_below_the_table_and_are_marked_at_their_rows():
    columns = [Column("name", "Name", "head"), Column("n", "n", "number"), Column("m", "m", "number")]
    rows = [{"name": "a", "notes": [SCRIPT]}, {"name": "b", "notes": [SCRIPT, "Second."]}, {"name": "c"}]
    shown = table(rows, columns, key="k", number="Table 1", caption="All")
    html = str(shown.html)
    assert html.count('href="#table-k-note-1"') == 2
    assert html.count('href="#table-k-note-2"') == 1
    assert html.count("<li id=") == 2
    assert SCRIPT not in html
    assert html.index("</table>") < html.index('<ol class="notes"')
    assert "Second." in repr(shown)
    assert '<th scope="row" role="rowheader" class="short">c</th>' in html


def test_columns_in_which_no_row_says_anything_are_left_out():
    columns = [Column("a", "A"), Column("b", "B"), Column("c", "C")]
    kept = told([{"a": "x", "b": None, "c": ""}], columns, ("b", "c"))
    assert [column.key for column in kept] == ["a"]


def test_a_piece_brings_its_own_style_into_a_notebook():
    html = paragraphs(["One."])._repr_html_()
    assert html.startswith("<style>")
    assert '<div class="recal-labs"><p>One.</p></div>' in html
    styled = html.partition("</style>")[0].partition("*/")[2]
    assert all(".recal-labs" in rule for rule in styled.split("}") if rule.strip())


def test_a_wide_table_scrolls_in_a_container_that_the_keyboard_reaches():
    html = str(table([], [Column("a", "A")], key="k", number="Table 1", caption="Nothing").html)
    assert 'role="region" aria-labelledby="table-k-caption" tabindex="0"' in html


def test_a_number_with_its_interval_breaks_before_its_bracket_alone():
    columns = [
        Column("a", "A", "head"),
        Column("b", "B", "estimate"),
        Column("c", "C", "share"),
        Column("d", "D", "number"),
    ]
    row = {"a": "x", "b": "0.2 (0.1 to 0.3)", "c": "3 of 9 (33 %)", "d": "1 of 2"}
    html = str(table([row], columns, key="k", number="Table 1", caption="All").html)
    assert ">0.2 (0.1\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}0.3)<" in html
    assert ">3\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}9 (33\N{NO-BREAK SPACE}%)<" in html
    assert ">1 of 2<" in html


def test_a_figure_has_alternative_text_caption_and_a_drawing_for_narrow_pages():
    html = str(figure(PICTURE, key="flow", number="Figure 1", caption="Flow.", alt="From 9 to 3.").html)
    assert 'alt="From 9 to 3."' in html
    assert "<figcaption><strong>Figure 1.</strong> Flow." in html
    assert '<source media="(max-width: 640px)" srcset="data:,narrow"' in html


def test_links_go_only_where_there_is_an_address():
    assert str(link("", SCRIPT)) == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert str(link("https://example.org/?a=1&b=2", "x")).startswith('<a href="https://example.org/?a=1&amp;b=2"')


def test_a_missing_field_is_an_error_not_a_blank():
    with pytest.raises(Exception, match="has no attribute"):
        fill("title.html.j2", study={"title": "x"})


def test_what_is_shown_has_words_as_well():
    both = stack(paragraphs(["One."]), None, listing(["two"]))
    assert repr(both) == "One.\n\n- two"
