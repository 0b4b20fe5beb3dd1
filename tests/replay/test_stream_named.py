"""Which stream is replayed: the one named, or NEEDLE_STREAM."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from dispatch.replay import replay


def test_without_a_file_the_set_stream_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = tmp_path / "stream.csv"
    stream.write_text("lat,lng,opened_date\n55.67,12.56,2026-01-01\n")
    monkeypatch.setenv("NEEDLE_STREAM", str(stream))
    monkeypatch.setenv("RENHOLD_DATA_DIR", str(tmp_path))
    answer = CliRunner().invoke(replay, ["--base-url", "http://127.0.0.1:9"])
    assert "demo-sign-ins.json" in answer.output  # the stream was read; nobody can sign in


def test_without_any_stream_one_line_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEEDLE_STREAM", "")
    answer = CliRunner().invoke(replay, [])
    assert answer.exit_code == 2
    assert "Name a FILE, or set NEEDLE_STREAM" in answer.output
