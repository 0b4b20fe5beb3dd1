"""The photo store: what was acknowledged is on the disk, and no name leads out of the folder."""

import hashlib
import io
import os
import resource
import time
from collections.abc import Iterator

import pytest

from dispatch.gateways.photo_store import (
    CHUNK,
    FolderPhotoStore,
    PhotoMissing,
    PhotoTooLarge,
    StoreFull,
)
from dispatch.rules.problems import NotFound, Refused, TryLater

PHOTO = b"a photo as it came" * 10
NAME = hashlib.sha256(PHOTO).hexdigest()


@pytest.fixture
def store(tmp_path):
    return FolderPhotoStore(tmp_path / "photos", keep_free=0)


@pytest.fixture
def files_end_at_1_mb() -> Iterator[None]:
    """A real limit of the operating system: writing past it fails as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * 1024, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Endless(io.RawIOBase):
    """A sender who never stops; counts what was taken from it."""

    def __init__(self):
        self.given = 0

    def read(self, size=-1):
        self.given += size
        return b"x" * size


class Broken(io.RawIOBase):
    """A sender whose line is cut after the first chunk."""

    def __init__(self):
        self.reads = 0

    def read(self, size=-1):
        self.reads += 1
        if self.reads > 1:
            raise ConnectionResetError
        return b"x" * size


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_an_upload_is_named_by_its_content(store):
    assert store.put_incoming(io.BytesIO(PHOTO), 1000) == NAME


def test_an_upload_comes_back_byte_for_byte(store):
    name = store.put_incoming(io.BytesIO(PHOTO), 1000)
    with store.open_incoming(name) as photo:
        assert photo.read() == PHOTO


def test_an_upload_of_several_chunks_comes_back_byte_for_byte(store):
    large = os.urandom(3 * CHUNK + 17)
    name = store.put_incoming(io.BytesIO(large), len(large))
    with store.open_incoming(name) as photo:
        assert photo.read() == large


def test_an_upload_of_exactly_the_limit_is_taken(store):
    assert store.put_incoming(io.BytesIO(PHOTO), len(PHOTO)) == NAME


def test_an_upload_one_byte_over_the_limit_is_refused_and_leaves_nothing(store, tmp_path):
    with pytest.raises(PhotoTooLarge) as refused:
        store.put_incoming(io.BytesIO(PHOTO), len(PHOTO) - 1)
    assert refused.value.code == "too_large"
    assert refused.value.problems[0].field == "photo"
    assert files_in(tmp_path) == []


def test_reading_stops_soon_after_the_limit(store):
    sender = Endless()
    with pytest.raises(PhotoTooLarge):
        store.put_incoming(sender, 100_000)
    assert sender.given <= 100_000 + 2 * CHUNK


def test_a_cut_line_leaves_nothing(store, tmp_path):
    with pytest.raises(ConnectionResetError):
        store.put_incoming(Broken(), 10 * CHUNK)
    assert files_in(tmp_path) == []


def test_the_same_upload_twice_is_one_file(store, tmp_path):
    store.put_incoming(io.BytesIO(PHOTO), 1000)
    store.put_incoming(io.BytesIO(PHOTO), 1000)
    assert len(files_in(tmp_path)) == 1


def test_a_prepared_photo_is_named_by_its_content_and_comes_back(store):
    sha256 = store.put_ready(PHOTO)
    assert sha256 == NAME
    with store.open_ready(sha256) as photo:
        assert photo.read() == PHOTO


def test_prepared_photos_lie_in_folders_of_two_letters(store, tmp_path):
    store.put_ready(PHOTO)
    assert (tmp_path / "photos" / "ready" / NAME[:2] / f"{NAME}.webp").is_file()


def test_incoming_and_prepared_photos_are_kept_apart(store):
    store.put_incoming(io.BytesIO(PHOTO), 1000)
    with pytest.raises(PhotoMissing):
        store.open_ready(NAME)


def test_photos_are_readable_by_our_own_account_only(store, tmp_path):
    store.put_ready(PHOTO)
    assert all(path.stat().st_mode & 0o077 == 0 for path in files_in(tmp_path))
    assert (tmp_path / "photos" / "ready").stat().st_mode & 0o077 == 0


def test_a_deleted_photo_is_gone(store, tmp_path):
    store.put_incoming(io.BytesIO(PHOTO), 1000)
    store.put_ready(PHOTO)
    assert store.delete_incoming(NAME)
    assert store.delete_ready(NAME)
    assert files_in(tmp_path) == []


def test_deleting_twice_is_no_fault(store):
    store.put_ready(PHOTO)
    store.delete_ready(NAME)
    assert not store.delete_ready(NAME)
    assert not store.delete_incoming(NAME)


def test_a_missing_photo_says_so(store):
    with pytest.raises(PhotoMissing):
        store.open_incoming(NAME)


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/passwd",
        "/etc/passwd",
        "",
        ".",
        NAME.upper(),
        NAME[:-1],
        NAME + "0",
        NAME + "\n",
        f"../ready/{NAME}",
        NAME[:63] + "/",
        "a" * 63 + "\0",
        "٣" * 64,
    ],
)
def test_a_name_that_is_no_hash_leads_nowhere(store, tmp_path, name):
    outside = tmp_path / "outside"
    outside.write_bytes(b"not yours")
    for door in (store.open_incoming, store.open_ready, store.delete_incoming, store.delete_ready):
        with pytest.raises(PhotoMissing):
            door(name)
    assert outside.exists()


def test_the_doctor_can_list_what_lies_here(store):
    names = {store.put_ready(bytes([n])) for n in range(5)}
    store.put_incoming(io.BytesIO(PHOTO), 1000)
    assert set(store.ready_names()) == names
    assert list(store.incoming_names()) == [NAME]


def test_a_strangers_file_in_the_folder_is_not_listed(store, tmp_path):
    store.put_ready(PHOTO)
    (tmp_path / "photos" / "ready" / NAME[:2] / "Thumbs.db").write_bytes(b"x")
    assert list(store.ready_names()) == [NAME]


def test_a_full_disk_is_said_plainly_and_leaves_nothing(store, tmp_path, files_end_at_1_mb):
    with pytest.raises(StoreFull) as full:
        store.put_incoming(io.BytesIO(bytes(3 * 1024 * 1024)), 10**8)
    assert full.value.code == "store_full"
    assert files_in(tmp_path) == []


def test_the_last_room_on_the_disk_is_left_for_the_database(tmp_path):
    store = FolderPhotoStore(tmp_path, keep_free=10**18)
    with pytest.raises(StoreFull):
        store.put_ready(PHOTO)
    assert files_in(tmp_path) == []


def test_what_a_killed_process_left_is_dropped_after_a_while(store, tmp_path):
    half = tmp_path / "photos" / "unfinished" / "tmp123"
    half.write_bytes(b"half a ph")
    assert store.drop_unfinished(3600, time.time()) == 0
    assert store.drop_unfinished(3600, time.time() + 3601) == 1
    assert not half.exists()


def test_a_store_finds_what_an_earlier_process_kept(store, tmp_path):
    store.put_ready(PHOTO)
    again = FolderPhotoStore(tmp_path / "photos", keep_free=0)
    with again.open_ready(NAME) as photo:
        assert photo.read() == PHOTO


def test_the_doors_can_turn_every_failure_into_a_page():
    assert issubclass(PhotoTooLarge, Refused)
    assert issubclass(StoreFull, TryLater)
    assert issubclass(PhotoMissing, NotFound)
