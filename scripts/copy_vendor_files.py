"""Copies what the pages need of the npm packages to static/vendor/<package>/, licences included.

Nothing else of a package is served. Run by `make setup`; the folder is made anew each time, so
a file that a newer version dropped does not stay behind. index.json is what the about page shows.
"""

import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"

# package → (folder to copy from, patterns under it, licence files)
WANTED: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "dkfds": (
        "dist",
        (
            "css/dkfds.min.css",
            "fonts/IBMPlexSans/complete/woff2/*.woff2",
            "fonts/IBMPlexSans/complete/woff2/license.txt",
            # What our own pages use: 17 kB a face instead of 60.
            "fonts/IBMPlexSans/split/woff2/IBMPlexSans-Regular-Latin1.woff2",
            "fonts/IBMPlexSans/split/woff2/IBMPlexSans-SemiBold-Latin1.woff2",
            "img/svg-icons/*.svg",
            "img/all-svg-icons.svg",
            "img/logo-placeholder.png",
            "img/logo-header-placeholder.png",
        ),
        ("LICENSE.md",),
    ),
    "leaflet": ("dist", ("leaflet.js", "leaflet.css", "images/*.png"), ("LICENSE",)),
    "leaflet.markercluster": (
        "dist",
        ("leaflet.markercluster.js", "MarkerCluster.css", "MarkerCluster.Default.css"),
        ("MIT-LICENCE.txt",),
    ),
    "leaflet-realtime": ("dist", ("leaflet-realtime.min.js",), ("LICENSE.md",)),
}
# dkfds names an .eot first, without a format: every browser would fetch it before the font it can use.
OLD_FONT = re.compile(r'url\([^)]+\.(?:eot|woff|ttf)\)(?: format\("[^"]*"\))?,?')


class FilesMissing(Exception):
    """A package no longer holds what the pages need."""


def copy_all(packages: Path, vendor: Path) -> None:
    """Copy every wanted file, then put the new folder in the place of the old one."""
    fresh = vendor.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    index = [_copy_package(name, packages / name, fresh / name) for name in WANTED]
    _keep_woff2_only(fresh / "dkfds")
    (fresh / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)


def _copy_package(name: str, package: Path, target: Path) -> dict[str, str | list[str]]:
    source, patterns, licences = WANTED[name]
    for pattern in patterns:
        _copy_matching(package / source, pattern, target)
    for licence in licences:
        _copy_matching(package, licence, target)
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    return {
        "name": name,
        "version": about["version"],
        "license": about["license"],
        "license_files": [f"{name}/{licence}" for licence in licences],
    }


def _copy_matching(source: Path, pattern: str, target: Path) -> None:
    found = sorted(source.glob(pattern))
    if not found:
        raise FilesMissing(f"{source.relative_to(ROOT)} holds no {pattern}; was npm ci complete?")
    for file in found:
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def _keep_woff2_only(dkfds: Path) -> None:
    """Leave one font format in the style sheet, and only the faces that it names on the disk."""
    sheet = dkfds / "css" / "dkfds.min.css"
    text = OLD_FONT.sub("", sheet.read_text(encoding="utf-8"))
    text = re.sub(r'(\.woff2\) format\("woff2"\)),(?=[;}])', r"\1", text)
    sheet.write_text(text, encoding="utf-8")
    for font in (dkfds / "fonts" / "IBMPlexSans" / "complete").rglob("*.woff2"):
        if font.name not in text:
            font.unlink()


if __name__ == "__main__":
    try:
        copy_all(PACKAGES, VENDOR)
    except (FilesMissing, FileNotFoundError) as problem:
        sys.exit(f"Front-end files: {problem}")
