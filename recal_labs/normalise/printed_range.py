"""The range that the lab printed beside a result, taken for its interval where the choices name it."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue
from recal_labs.choices import REPORTED_BY_LAB
from recal_labs.normalise.units import SUFFIX


def printed_limits() -> tuple[Any, Any]:
    """Return the expressions of the printed lower and upper limit, in the reported unit.

    Both are null where the two do not rise or nothing can lie within, for such a range says nothing.
    """
    low, high = nw.col("reported_low"), nw.col("reported_high")
    usable = (low.is_null() | high.is_null() | (low < high)) & (high.is_null() | (high > 0))
    return nw.when(usable).then(low), nw.when(usable).then(high)


def has_printed_range() -> Any:
    """Return the expression that is true where the lab printed a limit that a result can be held against."""
    low, high = printed_limits()
    return ((low > 0).fill_null(False) | (high > 0).fill_null(False)) & ~nw.col("_factor").is_null()


def _amount_unit(catalogue: Catalogue) -> Any:
    """Return the expression of the unit of the quantity on the basis that it was reported on."""
    analytes = list(catalogue.analytes.values())
    substance = nw.col("analyte_id").replace_strict(
        [analyte.id for analyte in analytes],
        [analyte.amount_unit for analyte in analytes],
        default=None,
        return_dtype=nw.String,
    )
    suffix = nw.col("reported_basis").replace_strict(
        list(SUFFIX), list(SUFFIX.values()), default="", return_dtype=nw.String
    )
    return nw.concat_str([substance, suffix])


def prefer_printed_range(frame: nw.LazyFrame[Any], catalogue: Catalogue) -> nw.LazyFrame[Any]:
    """Put the printed range in the place of the catalogue's interval, unless that one's source was named before it.

    The lab meant its range for the result as it reported it: the position is on the reported basis, is not divided by
    creatinine or multiplied by volume, and only the value's own comparator censors it.
    """
    low, high = printed_limits()
    taken = nw.col("_taken")
    own = {
        "position_basis": nw.col("reported_basis"),
        "position_amount": nw.col("quantity"),
        "_position_comparator": nw.col("comparator"),
        "reference_low": low * nw.col("_factor"),
        "reference_high": high * nw.col("_factor"),
        "reference_unit": _amount_unit(catalogue),
        "reference_source": nw.lit(REPORTED_BY_LAB),
        "reference_match": nw.lit(REPORTED_BY_LAB),
        "_needs_age": nw.lit(False),
        "_needs_sex": nw.lit(False),
    }
    frame = frame.with_columns(_taken=has_printed_range() & ~nw.col("_before_printed"))
    replaced = {name: nw.when(taken).then(value).otherwise(nw.col(name)) for name, value in own.items()}
    return frame.with_columns(**replaced).drop("_taken")
