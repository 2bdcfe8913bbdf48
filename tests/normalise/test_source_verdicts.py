"""Which rows the sources are asked about."""

import polars as pl

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.normalise import normalise
from recal_labs.normalise.source_verdicts import with_groups

CATALOGUE = load_catalogue()


def asked(frame, *, without=()):
    return with_groups(pl.from_pandas(frame).with_row_index("row").drop(without), CATALOGUE)


def test_a_result_in_two_forms_is_placed_once_in_the_form_that_has_a_position(results):
    rows = []
    for i in range(10):
        rows.append({"specimen_id": f"U{i}", "analyte_id": "hva", "value": 4.0, "unit": "mg/L"})
        rows.append({"specimen_id": f"U{i}", "analyte_id": "hva", "value": 2.0, "unit": "mg/g{creat}"})
        rows.append({"specimen_id": f"U{i}", "analyte_id": "creatinine", "value": 2.0, "unit": "g/L"})
    rows[1]["value"] = None
    for basis in ("per_creatinine", "none"):
        hva = asked(normalise(results(*rows), choices=Choices(basis=basis)).frame).filter(analyte_id="hva")
        assert hva["row"].to_list() == [0, *range(4, 30, 3)]
        assert (hva["position_amount"] == 2.0).all()


def test_a_frame_that_names_no_specimens_tells_of_no_second_form(results):
    rows = [{"analyte_id": "hva", "value": v, "unit": u} for v, u in ((4.0, "mg/L"), (2.0, "mg/g{creat}"))]
    frame = normalise(results(*rows)).frame
    assert asked(frame).height == 1
    assert asked(frame, without="specimen_id").height == 2
