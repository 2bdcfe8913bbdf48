"""The worklist gathers each unknown word once, with how often, where, and what it is near to."""

from recal_labs.columns import WORKLIST, polars_schema
from recal_labs.ingest.worklist import worklist

from .exports import CATALOGUE, WIDE, read, rows

HEAD = "patient,analyte,result,unit,specimen"


def of(*lines: str):
    return worklist(read("\n".join([HEAD, *lines])).rejects, CATALOGUE)


def test_each_unknown_word_stands_once_the_most_frequent_first():
    made = of(
        "S1,Dopamien,3,ug/g Cr,urine",
        "S1,HVA,3,mg/g Kretin,urine",
        "S2,Dopamien,4,ug/g Cr,urine",
        "S2,NA,4,ug/g Cr,urine",
        "S2,VMA,4,,urine",
    )
    assert rows(made, "what", "text", "count", "example") == [
        ("name", "Dopamien", 2, "export.csv row 2"),
        ("name", "NA", 1, "export.csv row 5"),
        ("unit (missing unit)", "VMA", 1, "export.csv row 6"),
        ("unit (unknown unit)", "mg/g Kretin", 1, "export.csv row 3"),
    ]
    near = dict(rows(made, "text", "suggestion"))
    assert "Dopamin" in near["Dopamien"]
    assert "mg/g{creat}" in near["mg/g Kretin"]


def test_the_unit_is_found_also_where_the_file_has_no_unit_column():
    rejects = read("patient,HVA (furlong/week)\nS1,3\n", WIDE).rejects
    assert rows(worklist(rejects, CATALOGUE), "what", "text") == [("unit (unknown unit)", "furlong/week")]


def test_what_is_no_question_of_words_is_not_on_it():
    made = of("S1,HVA,QNS,mg/g Cr,urine", "S1,HVA,1~2,mg/g Cr,urine", "S1,,3,mg/g Cr,urine", ",HVA,3,mg/g Cr,urine")
    assert made.height == 0
    assert made.schema == polars_schema(WORKLIST)


def test_any_text_may_be_a_name():
    assert rows(of('S1,"<script>alert(1)</script>",3,ug/g Cr,urine'), "text", "suggestion") == [
        (
            "<script>alert(1)</script>",
            "'<script>alert(1)</script>' is not in the catalogue. Map it in the profile's [analytes]",
        ),
    ]


def test_no_text_is_its_own_suggestion():
    made = of("S1,Dopamien,3,ug/g Cr,urine", "S1,NA,4,ug/g Cr,urine", "S2,HVA,4,mg/g,urine", "S2,VMA,4,,urine")
    near = dict(rows(made, "text", "suggestion"))
    for text, suggestion in near.items():
        assert text not in suggestion.split(", ")
    assert near["NA"].startswith("'NA' may mean norepinephrine or sodium")
    assert "set per_gram_means_creatinine in the profile" in near["mg/g"]
    assert "add it to the profile's [units]" in near["VMA"]
