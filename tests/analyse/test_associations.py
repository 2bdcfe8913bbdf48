"""Effects cannot exist, be shown or be saved without their statement: ways round that must fail."""

import copy
import dataclasses
import pickle

import pandas as pd
import pytest

from recal_labs.analyse import Associations, associate
from recal_labs.errors import TableError


@pytest.fixture
def effects(cohort):
    return associate(cohort)


WAYS_ROUND = {
    "no statement": lambda e: Associations(table=e.table),
    "statement None": lambda e: Associations(table=e.table, statement=None),
    "statement as text": lambda e: Associations(table=e.table, statement="all is well"),
    "statement as mapping": lambda e: Associations(table=e.table, statement=e.statement.to_dict()),
    "replaced by None": lambda e: dataclasses.replace(e, statement=None),
    "set to None": lambda e: setattr(e, "statement", None),
    "deleted": lambda e: delattr(e, "statement"),
    "positional": lambda e: Associations(e.table, None),
    "empty headline": lambda e: dataclasses.replace(e.statement, headline=" "),
    "nothing it cannot show": lambda e: dataclasses.replace(e.statement, cannot_show=()),
}


@pytest.mark.parametrize("way", WAYS_ROUND)
def test_ways_round_the_statement_fail(effects, way):
    with pytest.raises((TypeError, ValueError, dataclasses.FrozenInstanceError)):
        WAYS_ROUND[way](effects)


RENDERINGS = {
    "text": str,
    "repr": repr,
    "html": lambda e: e._repr_html_(),
    "markdown": lambda e: e.to_markdown(),
    "copied": lambda e: str(copy.deepcopy(e)),
    "pickled": lambda e: str(pickle.loads(pickle.dumps(e))),
}


@pytest.mark.parametrize("way", RENDERINGS)
def test_every_rendering_carries_headline_and_closing(effects, way):
    shown = RENDERINGS[way](effects)
    assert effects.statement.headline in shown
    assert "not a diagnosis" in shown


def test_csv_carries_the_statement_beside_it_and_its_id_in_each_row(effects, tmp_path):
    path = effects.to_csv(tmp_path / "effects.csv")
    beside = (tmp_path / "effects.statement.md").read_text(encoding="utf-8")
    assert effects.statement.headline in beside
    assert set(pd.read_csv(path)["statement_id"]) == {effects.statement.statement_id}


def test_a_table_without_its_columns_is_refused(effects):
    with pytest.raises(TableError, match="reason"):
        Associations(table=effects.table.drop(columns="reason"), statement=effects.statement)


def test_a_changed_word_changes_the_id(effects):
    other = dataclasses.replace(effects.statement, headline="Everything is associated.")
    assert other.statement_id != effects.statement.statement_id
