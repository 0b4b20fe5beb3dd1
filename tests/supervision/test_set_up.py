"""What set-up installs is pinned, portable and whole."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_every_python_package_is_pinned_by_hash_and_names_no_place(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    packages = re.split(r"\n(?=\S)", text.strip())
    assert len(packages) > 40
    for package in packages:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", package), package.splitlines()[0]
        assert "--hash=sha256:" in package
    assert not re.search(r"://|@ |file:|--index|--find-links", text)


def test_what_runs_is_part_of_what_is_tested() -> None:
    run, dev = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / name).read_text(), re.M))
        for name in ("run.txt", "dev.txt")
    )
    assert run <= dev


def test_the_front_end_lock_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        assert "resolved" not in package
        assert not name or package["integrity"].startswith("sha512-")


def test_style_sheets_name_only_files_that_are_served() -> None:
    sheets = list(VENDOR.rglob("*.css"))
    assert len(sheets) == 4
    for sheet in sheets:
        named = re.findall(r"url\([\"']?([^)\"'#]+)[\"']?\)", sheet.read_text())
        missing = [name for name in named if not (sheet.parent / name).exists()]
        assert missing == []


def test_every_front_end_package_comes_with_its_licence() -> None:
    packages = json.loads((VENDOR / "index.json").read_text())
    assert {package["name"] for package in packages} == {
        folder.name for folder in VENDOR.iterdir() if folder.is_dir()
    }
    for package in packages:
        assert package["license"]
        assert all((VENDOR / file).stat().st_size for file in package["license_files"])
