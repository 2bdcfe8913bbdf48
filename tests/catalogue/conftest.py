"""A copy of the catalogue to plant faults in, and what loading it says."""

import shutil

import pytest

from recal_labs.catalogue import data_folder, load_catalogue
from recal_labs.errors import CatalogueError


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "catalogue"
    shutil.copytree(data_folder("reference_ranges"), folder)
    return folder


@pytest.fixture
def plant(copy):
    """Change one text of one file of the copy."""

    def change(file, old, new):
        path = copy / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


@pytest.fixture
def faults():
    """Return the faults that loading names; there must be some."""

    def load(folder=None, **places):
        with pytest.raises(CatalogueError) as caught:
            load_catalogue(folder, **places)
        return caught.value.faults

    return load
