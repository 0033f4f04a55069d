"""The Worker knows the kinds of media that the board knows."""

from __future__ import annotations

import pytest

from cdn import edge_media


def test_the_worker_has_the_table_of_today() -> None:
    """Else: `python -m cdn.edge_media`."""
    worker = edge_media.WORKER.read_text()
    assert edge_media.with_block(worker) == worker


def test_a_worker_without_its_marks_is_not_written_over() -> None:
    with pytest.raises(ValueError, match="no block"):
        edge_media.with_block("export default {};\n")
