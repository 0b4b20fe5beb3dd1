"""Where the real open data lies, if it is here; tests that need it skip with the reason."""

import os
from pathlib import Path

import pytest

from dispatch.settings import SISTER_DATA


def real_map_folder() -> Path:
    folder = Path(os.environ.get("GEO_DATA_DIR") or SISTER_DATA / "geo")
    if not folder.is_dir():
        pytest.skip(f"no open data: GEO_DATA_DIR ({folder}) is not there")
    return folder
