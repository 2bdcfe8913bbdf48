import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.privacy import Guard, Key, Protection, read_key

# Always the same, so that the codes of a test are always the same; never a key of anybody's data.
SECRET = bytes((7 * n + 3) % 256 for n in range(32))


@pytest.fixture
def key_file(tmp_path):
    """A key file that only its owner can read, in a folder of its own."""
    path = tmp_path / "safe" / "test.key"
    path.parent.mkdir()
    path.write_text(SECRET.hex() + "\n", encoding="ascii")
    path.chmod(0o600)
    return path


@pytest.fixture
def key(key_file):
    return read_key(key_file)


@pytest.fixture
def guard():
    """A guard without a key table."""
    return Guard.of(Protection(Key(SECRET)), load_catalogue())


@pytest.fixture
def shifting():
    """A guard that moves dates by at most 100 days."""
    return Guard.of(Protection(Key(SECRET), 100), load_catalogue())
