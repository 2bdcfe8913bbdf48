"""Tables of people, bottles, interventions, events and forms: text in, typed columns out, ids untouched."""

from contextlib import suppress
from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.columns import INTERVENTIONS, SUBJECTS
from recal_labs.errors import FileProblem, RecalLabsError, TableError
from recal_labs.ingest import (
    read_adverse_events,
    read_interventions,
    read_outcome_items,
    read_outcomes,
    read_specimens,
    read_subjects,
    read_table,
)
from recal_labs.ingest.words import read_words


@pytest.fixture
def table(tmp_path):
    """Return a function that writes a table and gives its path."""

    def write(text: str):
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_ids_keep_their_zeros_and_na_is_a_word(table):
    frame = read_subjects(table("subject_id,group,sex\n007,NA,F\n1e3,x,female\n"))
    assert frame["subject_id"].tolist() == ["007", "1e3"]
    assert frame["group"].tolist() == ["NA", "x"]
    # F is no word of the list unless a code says so: nobody is guessed to be female.
    assert frame["sex"].tolist() == ["unknown", "female"]


def test_a_persons_columns_have_their_types_and_what_cannot_be_read_is_missing(table):
    frame = read_subjects(
        table("subject_id,birth_year,age_years,smoker,pregnant\nS1,1985,38.5,Yes,0\nS2,?,forty,maybe,\n")
    )
    assert frame["birth_year"].tolist()[0] == 1985
    assert frame["age_years"].tolist()[0] == 38.5
    assert (bool(frame["smoker"][0]), bool(frame["pregnant"][0])) == (True, False)
    assert frame.iloc[1][["birth_year", "age_years", "smoker", "pregnant"]].isna().all()


@pytest.mark.parametrize("text", ["inf", "-inf", "1e400", "1e30", "nan"])
def test_a_number_without_end_is_missing_never_a_year(table, text):
    frame = read_subjects(table(f"subject_id,birth_year,age_years\nS1,{text},{text}\n"))
    assert frame[["birth_year", "age_years"]].isna().all(axis=None)


def test_columns_and_codes_of_another_file_are_mapped(table):
    path = table("SEQN,RIAGENDR\n83732,1\n83733,2\n83734,9\n")
    frame = read_subjects(
        path, columns={"subject_id": "SEQN", "sex": "RIAGENDR"}, codes={"sex": {"1": "male", "2": "female"}}
    )
    assert frame.values.tolist() == [["83732", "male"], ["83733", "female"], ["83734", "unknown"]]


def test_a_mapped_column_that_is_not_there_is_named_with_those_that_are(table):
    with pytest.raises(FileProblem, match=r"no column SEX.*id, sx"):
        read_subjects(table("id,sx\nS1,1\n"), columns={"subject_id": "id", "sex": "SEX"})


def test_a_table_without_a_column_it_needs_says_what_the_column_means(table):
    with pytest.raises(TableError, match=r"start \(first day\)"):
        read_interventions(table("subject_id,kind,name\nS1,nutritional,magnesium\n"))


def test_dates_of_interventions_are_days_and_an_unreadable_one_is_missing(table):
    frame = read_interventions(
        table("subject_id,kind,name,dose,start,stop\nS1,Nutritional,Mg,1.5,2024-03-11,\nS2,magic,x,,2024-13,13.4.24\n")
    )
    assert frame["start"][0] == datetime(2024, 3, 11)
    assert frame["kind"].tolist()[0] == "nutritional"
    assert frame.loc[1, ["kind", "dose", "start", "stop"]].isna().all()


def test_the_other_tables_are_read_by_their_own_columns(table):
    assert read_specimens(table("specimen_id,ph,fasting\nU1,5.5,y\n"))["ph"][0] == 5.5
    events = read_adverse_events(table("subject_id,onset,category\nS1,2024-03-11,Sleep\n"))
    assert events["category"].tolist() == ["sleep"]
    scored = read_outcomes(table("subject_id,assessed_at,instrument,score,status\nS1,2024-03-11,phq9,7,ok\n"))
    assert scored["score"].tolist() == [7.0]


def test_labels_above_and_lone_notes_below_are_no_rows_but_a_subject_may_be_called_hash_12(table):
    frame = read_words(table("# SIMULATED\n\nsubject_id,group\n#12,x\n# a note,\n"))
    assert frame[["source_row", "subject_id"]].values.tolist() == [[4, "#12"]]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(table, mark, end):
    frame = read_words(table(end.join([f"subject_id{mark}group", f"S1{mark}x", ""])))
    assert frame["group"].tolist() == ["x"]


def test_a_column_without_a_name_is_kept_by_its_number_where_it_holds_something(table):
    frame = read_words(table(",subject_id,,\n1,S1,,x\n"))
    assert list(frame.columns) == ["source_row", "column 1", "subject_id", "column 4", "source_file"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# only a label\n", "no header line"),
        ("subject_id,sex,sex\nS1,female,male\n", "more than one column sex"),
        ("subject_id,source_row\nS1,3\n", "a name that is taken"),
        ("subject_id,group\nS1,x,y\n", "line 2 has 3 fields"),
        ('subject_id,group\nS1,x\nS2,"open\nS3,y\n', "quotes of line 3"),
        (f'subject_id,group\nS1,"{"x" * 200_000}"\n', "line 2"),
    ],
)
def test_a_table_that_cannot_be_told_apart_is_refused_with_its_line(table, text, said):
    with pytest.raises(FileProblem, match=said):
        read_words(table(text))


def test_forms_keep_answers_as_text_and_sentinels_are_no_answers(table):
    path = table('subject_id,assessed_at,q1,q2,q3,quality\n007,2024-03-11,3,7,NA,good\n008,,2.0,9.0,"1,5",\n')
    frame = read_outcome_items(path, instrument="phq9", sentinels=[7, 9])
    assert list(frame.columns) == [
        "subject_id",
        "source_file",
        "source_row",
        "assessed_at",
        "reported_date",
        "q1",
        "q2",
        "q3",
    ]
    assert frame["q1"].tolist() == ["3", "2.0"]
    assert frame["q2"].isna().all()
    # An answer that cannot be one is kept: the scoring must see it.
    assert frame["q3"].isna().tolist() == [True, False]
    assert frame["assessed_at"].tolist()[0] == pd.Timestamp("2024-03-11")


def test_forms_without_a_subject_column_or_without_rows(table):
    with pytest.raises(FileProblem, match="no subject_id column, only id, q1"):
        read_outcome_items(table("id,q1\nS1,1\n"), instrument="phq9")
    assert read_outcome_items(table("subject_id,q1\n"), instrument="phq9").empty


@given(
    st.text(st.sampled_from('subject_id,sex;\n"#1 age_years\t') | st.characters(exclude_categories=["Cs"]), max_size=80)
)
def test_any_text_is_a_table_or_our_own_error(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text(f"subject_id,sex\n{text}", encoding="utf-8")
    with suppress(RecalLabsError):
        assert "subject_id" in read_subjects(path)


def test_a_cell_that_cannot_be_read_is_a_reject_and_its_row_stays(table):
    path = table('subject_id,sex,age_years,smoker\nS1,f,41,yes\nS2,male,"45,5",perhaps\nS3,,150,\n')
    read = read_table(path, SUBJECTS)
    assert read.frame["subject_id"].tolist() == ["S1", "S2", "S3"]
    assert read.frame["sex"].tolist() == ["unknown", "male", "unknown"]
    assert read.rejects[["source_row", "source_place", "reason", "raw"]].values.tolist() == [
        [2, "sex", "unreadable_value", "f"],
        [3, "age_years", "unreadable_value", "45,5"],
        [3, "smoker", "unreadable_value", "perhaps"],
        [4, "age_years", "unreadable_value", "150"],
    ]
    assert (read.positions, read.empty) == (12, 2)
    assert "expected one of female, male, unknown" in read.rejects["detail"].iloc[0]


def test_a_code_that_nobody_declared_is_a_reject(table):
    path = table("subject_id,sex\nS1,1\nS2,3\nS3,NA\n")
    read = read_table(path, SUBJECTS, codes={"sex": {"1": "male", "2": "female"}})
    assert read.frame["sex"].tolist() == ["male", "unknown", "unknown"]
    assert read.rejects["raw"].tolist() == ["3"]
    assert "one of the declared codes 1, 2" in read.rejects["detail"].item()


def test_dates_in_a_declared_form_are_read_and_others_refused(table):
    path = table("subject_id,kind,name,start\nS1,behavioural,sleep,05/06/2024\nS2,behavioural,sleep,5 June\n")
    read = read_table(path, INTERVENTIONS, dates=["%d/%m/%Y"])
    assert read.frame["start"].dt.strftime("%Y-%m-%d").tolist()[0] == "2024-06-05"
    assert read.rejects[["source_row", "reason"]].values.tolist() == [[3, "unreadable_date"]]


def test_columns_that_are_no_items_can_be_left_out(table):
    path = table("subject_id,q1,q2,q3\nS1,0,1,2\n")
    frame = read_outcome_items(path, instrument="gad2", ignore=["q3"])
    assert [c for c in frame if c.startswith("q")] == ["q1", "q2"]
    with pytest.raises(FileProblem, match="it has no column q9"):
        read_outcome_items(path, instrument="gad2", ignore=["q9"])
