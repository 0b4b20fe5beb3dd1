"""Lets the little programs import `dispatch.supervisor` without the factory and all it packs.

The supervisor needs nothing of the app; a child that starts at once keeps its tests short and exact.
Imported first, before anything of `dispatch`.
"""

import sys
from pathlib import Path
from types import ModuleType

bare = ModuleType("dispatch")
bare.__path__ = [str(Path(__file__).resolve().parents[2] / "dispatch")]
sys.modules["dispatch"] = bare
