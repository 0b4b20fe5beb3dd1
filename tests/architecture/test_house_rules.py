"""The rules of the house that a tool can keep: names, doors, jobs, templates, words in documents."""

import ast
import inspect
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from dispatch import jobs
from dispatch.job_queue import QUEUE_OF, QUEUES
from dispatch.lifecycle.perform import STEPS
from dispatch.lifecycle.work_list import CLAIM
from dispatch.models import WorkKind

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "dispatch").rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "helpers", "common", "services", "misc"}
LONGEST_FILE = 300


def tracked(*patterns: str) -> list[Path]:
    found = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in found.stdout.splitlines() if (ROOT / line).is_file()]


def test_every_kind_of_work_has_its_job_its_queue_and_its_step() -> None:
    kinds = {kind.value for kind in WorkKind}
    assert set(QUEUE_OF) == kinds
    assert set(QUEUE_OF.values()) <= set(QUEUES)
    assert set(STEPS) == set(CLAIM) == set(WorkKind)
    for kind in kinds:
        assert callable(getattr(jobs, kind))


def test_every_job_takes_one_id_and_nothing_else() -> None:
    for name, job in inspect.getmembers(jobs, inspect.isfunction):
        if job.__module__ != jobs.__name__:
            continue
        parameters = list(inspect.signature(job).parameters.values())
        assert [parameter.annotation for parameter in parameters] == [int], name


def test_every_address_has_a_door_with_a_guard(app: Flask) -> None:
    guards = app.extensions["renhold.guards"]
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            assert rule.endpoint.rpartition(".")[0] in guards, rule


def test_only_one_module_assigns_a_status() -> None:
    assigns = re.compile(r"\b(?:request|row|service_request)\.status = |\"status\": change\.new")
    found = {path.name for path in SOURCES if assigns.search(path.read_text(encoding="utf-8"))}
    assert found == {"transition.py"}


def test_only_lifecycle_and_staffing_write() -> None:
    writes = re.compile(r"\b(?:with transaction\(\)|with writing\(\)|session\.commit\(\))")
    allowed = {"lifecycle", "staffing", "transaction.py", "demonstration.py"}
    for path in SOURCES:
        parts = set(path.relative_to(ROOT / "dispatch").parts)
        if writes.search(path.read_text(encoding="utf-8")):
            assert parts & allowed, path


def test_file_names_inside_dispatch_are_telling_and_unique() -> None:
    names = Counter(path.name for path in SOURCES if path.name != "__init__.py")
    assert [name for name, number in names.items() if number > 1] == []
    assert FORBIDDEN_NAMES.isdisjoint(name.removesuffix(".py") for name in names)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_says_what_it_is_for_and_stays_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert len(text.splitlines()) <= LONGEST_FILE


def test_every_template_is_used() -> None:
    templates = tracked("templates")
    everything = "".join(path.read_text(encoding="utf-8") for path in [*SOURCES, *templates])
    unused = [
        path.relative_to(ROOT / "templates").as_posix()
        for path in templates
        if f'"{path.relative_to(ROOT / "templates").as_posix()}"' not in everything
    ]
    assert unused == []


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"", re.IGNORECASE)
    for path in tracked("templates/*.html", "templates/**/*.html"):
        found = inline.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.name}: {found}"


def document_links() -> Iterator[tuple[str, str]]:
    for path in tracked("*.md", "docs/**/*.md", "docs/*.md"):
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
            if not target.startswith(("http://", "https://", "mailto:")):
                yield str(path.relative_to(ROOT)), str((path.parent / target).resolve())
        for name in re.findall(
            r"`((?:dispatch|templates|static|tests|docs|scripts)/[\w./-]+)`", text
        ):
            yield str(path.relative_to(ROOT)), str(ROOT / name)


def test_documents_name_real_files() -> None:
    missing = {link for link in document_links() if not Path(link[1]).exists()}
    assert missing == set()
