"""What went into the analysis: kinds of specimen, labs, creatinine, and files that could not be read at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from recal_labs.choices import Choices
from recal_labs.provenance import FileRecord
from recal_labs.report.gather.measured import is_open, sides_of
from recal_labs.report.gather.reference import current_rows
from recal_labs.report.wording import join, plural
from recal_labs.vocabulary import SPECIMENS


def gather_sample(normalised: Any, files: Sequence[FileRecord], choices: Choices) -> dict[str, Any]:
    """Return what of the normalised table may enter the analysis.

    Parameters
    ----------
    normalised : DataFrame
        The normalised table, pandas or Polars.
    files : sequence of FileRecord
        The panel files.
    choices : Choices
        They name the kinds of specimen analysed.

    Returns
    -------
    dict
        ``specimens`` (kinds both chosen and present), ``labs`` (whose results were read), ``labs_left_out`` (those
        without a specimen of these kinds), ``has_creatinine``, ``censored`` (whether any amount is), and ``unreadable``
        (paths of files that gave nothing
        because they could not be read).
    """
    frame = current_rows(normalised)
    admitted = frame[_words(frame, "specimen").isin(choices.specimens)]
    labs, analysed = (sorted(set(_words(rows, "lab_id")) - {""}) for rows in (frame, admitted))
    present = set(_words(admitted, "specimen"))
    return {
        "specimens": [kind for kind in choices.specimens if kind in present],
        "labs": labs,
        "labs_left_out": [lab for lab in labs if lab not in analysed],
        "has_creatinine": bool(_words(frame, "dilution").isin(["ok", "too_dilute", "too_concentrated"]).any()),
        "censored": bool((sides_of(frame) != 0).any() or is_open(frame).any()),
        "unreadable": [file.path for file in files if file.is_unreadable],
    }


def _words(frame: pd.DataFrame, name: str) -> pd.Series[str]:
    return frame[name].fillna("").astype(str) if name in frame else pd.Series("", index=frame.index)


def unreadable_sentences(sample: dict[str, Any]) -> list[str]:
    """Say which files could not be read at all."""
    return [f"{path} could not be read at all; its results are missing here." for path in sample["unreadable"]]


def left_out_sentence(sample: dict[str, Any]) -> str:
    """Say which labs have no specimen in the effects; empty when every lab has."""
    if not sample["labs_left_out"]:
        return ""
    one = len(sample["labs_left_out"]) == 1
    kinds = join([SPECIMENS[kind] for kind in sample["specimens"]], last="or") or "a kind that was chosen"
    return (
        f"Of {plural(len(sample['labs']), 'lab')}, {join(sample['labs_left_out'])} {'has' if one else 'have'} no "
        f"specimen of the kinds analysed ({kinds}): {'its' if one else 'their'} results are compared with intervals "
        "but are in no effect."
    )
