"""A key is random, nobody else's to read, and lies apart from what it protects."""

import hashlib
import hmac
import os
import stat

import pytest

from recal_labs.errors import FileProblem
from recal_labs.privacy import Key, check_place, new_key, read_key

from .conftest import SECRET

posix_only = pytest.mark.skipif(os.name != "posix", reason="only POSIX says who may read a file")


def test_a_new_key_is_32_random_bytes_that_only_the_owner_reads(tmp_path):
    keys = [new_key(tmp_path / name) for name in ("one.key", "two.key")]
    assert keys[0].secret != keys[1].secret
    assert all(len(key.secret) == 32 for key in keys)
    assert stat.S_IMODE((tmp_path / "one.key").stat().st_mode) == 0o600
    assert read_key(tmp_path / "one.key").secret == keys[0].secret


def test_a_key_is_never_written_over(key_file):
    with pytest.raises(FileProblem, match="a key is never replaced"):
        new_key(key_file)
    assert read_key(key_file).secret == SECRET


def test_a_key_that_is_not_there_is_not_made_on_the_way(tmp_path):
    path = tmp_path / "slip.key"
    with pytest.raises(FileProblem, match=r"make one with: recal-labs new-key .*slip\.key"):
        read_key(path)
    assert not path.exists()


@posix_only
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_open_is_refused_with_the_cure(key_file, mode):
    key_file.chmod(mode)
    with pytest.raises(FileProblem, match="chmod 600"):
        read_key(key_file)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (SECRET[:31].hex(), "the key is short \\(31 bytes\\)"),
        ("", "it is no key"),
        ("correct horse battery staple", "it is no key"),
        (f"{SECRET.hex()}\n{SECRET.hex()}", "it is no key"),
        ("ab" * 32, "the key is not random"),
        ("patient,analyte,result\nS1,HVA,4.0", "it is no key"),
        (SECRET.hex() * 200, "it is no key"),
    ],
)
def test_what_is_no_good_key_is_refused(key_file, content, why):
    key_file.write_text(content, encoding="ascii")
    with pytest.raises(FileProblem, match=why):
        read_key(key_file)


def test_a_folder_or_a_pipe_is_no_key(tmp_path):
    with pytest.raises(FileProblem, match="it is a folder"):
        read_key(tmp_path)


def test_comments_and_line_ends_are_no_part_of_a_key(key_file):
    key_file.write_bytes(b"# mine\r\n\r\n" + SECRET.hex().upper().encode() + b"\r\n")
    assert read_key(key_file).secret == SECRET


def test_the_digest_is_hmac_sha_256_of_domain_and_text():
    expected = hmac.new(SECRET, b"subject\x00S001", hashlib.sha256).digest()
    assert Key(SECRET).digest("subject", "S001") == expected


def test_hmac_agrees_with_rfc_4231():
    # RFC 4231, test case 2, through the same call; the domain and its NUL stand before the text.
    expected = hmac.digest(b"Jefe", b"what do ya want for nothing?", "sha256").hex()
    assert expected == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert Key(b"Jefe").digest("d", "x") == hmac.digest(b"Jefe", b"d\x00x", "sha256")


def test_a_key_does_not_show_its_secret():
    key = Key(SECRET)
    assert SECRET.hex() not in repr(key)
    assert SECRET.hex()[:8] not in f"{key} {key!r}"
    assert key.fingerprint != Key(SECRET[::-1]).fingerprint


def test_a_key_in_the_output_folder_is_refused(tmp_path, key_file, key):
    with pytest.raises(FileProblem, match="the key lies in the output folder"):
        check_place(key, key_file.parent)
    with pytest.raises(FileProblem, match="the key lies in the output folder"):
        check_place(key, tmp_path)
    check_place(key, key_file.parent / "out")


def test_a_key_that_a_link_leads_to_is_found_where_it_lies(tmp_path, key_file):
    out = tmp_path / "out"
    out.mkdir()
    (out / "deep.key").write_text(SECRET.hex(), encoding="ascii")
    (out / "deep.key").chmod(0o600)
    link = tmp_path / "link.key"
    link.symlink_to(out / "deep.key")
    with pytest.raises(FileProblem, match="output folder"):
        check_place(read_key(link), out)


def test_a_link_to_a_key_keeps_the_key_table_with_the_key(tmp_path, key_file):
    out = tmp_path / "out"
    out.mkdir()
    (out / "link.key").symlink_to(key_file)
    key = read_key(out / "link.key")
    check_place(key, out)
    assert key.table == key_file.with_name("test.key.table.csv")


def test_a_key_among_the_exports_is_refused(tmp_path, key_file, key):
    with pytest.raises(FileProblem, match="whose files are read as exports"):
        check_place(key, tmp_path / "out", folders=[key_file.parent])
    with pytest.raises(FileProblem, match="one of the files to read"):
        check_place(key, tmp_path / "out", files=[key_file])


@pytest.mark.parametrize("beside", ["export.csv", "message.HL7", "normalised.parquet"])
def test_a_key_is_not_made_among_exports_where_no_run_would_take_it(tmp_path, beside):
    (tmp_path / beside).write_text("x", encoding="utf-8")
    with pytest.raises(FileProblem, match=f"the folder holds other data .{beside}.*a folder of its own"):
        new_key(tmp_path / "lab.key")
    assert not (tmp_path / "lab.key").exists()


def test_a_key_may_lie_beside_other_keys_and_their_tables(tmp_path):
    (tmp_path / "old.key.table.csv").write_text("x", encoding="utf-8")
    (tmp_path / "README.txt").write_text("x", encoding="utf-8")
    assert new_key(tmp_path / "lab.key").path == tmp_path / "lab.key"
