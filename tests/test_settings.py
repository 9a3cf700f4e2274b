"""Settings made in Python: the same checks as from the command line, and never a foreign error."""

from __future__ import annotations

import pytest

from rag import RagError, Settings
from rag.errors import SettingsError


def test_a_bad_value_or_name_is_one_line_in_python_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="setting 'depth' cannot be 0: .*greater than or equal to 1"):
        Settings(depth=0)
    with pytest.raises(RagError, match="setting 'dephts' cannot be 7"):
        Settings(dephts=7)
    monkeypatch.setenv("PULLQUOTE_DEPTH", "many")
    with pytest.raises(SettingsError, match="setting 'depth' cannot be 'many'"):
        Settings()
    monkeypatch.delenv("PULLQUOTE_DEPTH")
    monkeypatch.setenv("PULLQUOTE_DEPHTS", "7")
    with pytest.raises(SettingsError, match="PULLQUOTE_DEPHTS is set in the environment: there is no such setting"):
        Settings()
