"""One frozen settings object: defaults < ``pullquote.toml`` < ``PULLQUOTE_*`` environment < flags."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from rag.errors import SettingsError

Mode = Literal["strict", "balanced", "eager"]
CACHE = Path("~/.cache/pullquote")

_PREFIX = "PULLQUOTE_"

# Where things lie and how they are served changes no answer, so it is no part of the fingerprint.
_NOT_IN_FINGERPRINT = {"index_dir", "collection", "cache_dir", "host", "port"}


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(str(error)) from None


Folder = Annotated[Path, AfterValidator(_expanded)]  # "~" is one's home
COLLECTION_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"


class Settings(BaseSettings):
    """Everything that can be set. Raises :class:`SettingsError` where a value is bad or a name is unknown."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, toml_file="pullquote.toml", frozen=True, extra="forbid", validate_default=True
    )

    index_dir: Folder = Field(Path("index"), description="folder that holds the collections")
    collection: str = Field("default", pattern=f"^{COLLECTION_NAME}$", description="collection name")
    encoder: str = Field("all-MiniLM-L6-v2", description="sentence-transformers model name or folder")
    reader: str = Field(
        "pullquote-reader",
        description="'pullquote-reader', 'sentences' (no weights), or another reader's folder or name",
    )
    passage_tokens: int = Field(180, ge=32, le=2000, description="passage budget in tiktoken cl100k tokens")
    depth: int = Field(100, ge=1, le=1000, description="hits taken from each channel")
    read: int = Field(20, ge=1, le=100, description="best hits that may go to the reader")
    quotes: int = Field(3, ge=1, le=10, description="most quotes in an answer")
    mode: Mode = Field("balanced", description="how sure it must be to answer: strict, balanced or eager")
    host: str = Field("127.0.0.1", description="address the page listens on")
    port: int = Field(7860, ge=0, le=65535, description="port the page listens on; 0 takes a free one")
    cache_dir: Folder = Field(CACHE, description="folder of the exported models; safe to delete")

    def __init__(self, **values: Any) -> None:
        _check_environment()
        try:
            super().__init__(**values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise SettingsError(
                f"setting {name!r} cannot be {first['input']!r}",
                why=first["msg"],
                fix="correct the flag, the PULLQUOTE_ environment variable or pullquote.toml",
            ) from None
        except (OSError, ValueError) as error:  # tomllib.TOMLDecodeError is a ValueError
            raise SettingsError("pullquote.toml cannot be read", why=str(error), fix="correct or remove it") from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags win over the environment, the environment over the file (pydantic-settings calls this)."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def folder(self) -> Path:
        """Where the collection lies."""
        return self.index_dir / self.collection

    def fingerprint(self) -> str:
        """12 hex digits that change when a setting that can change an answer changes."""
        values = self.model_dump(mode="json", exclude=_NOT_IN_FINGERPRINT)
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]


def load_settings(**flags: Any) -> Settings:
    """Settings with ``flags`` on top; a flag that is ``None`` was not given. Raises :class:`SettingsError`."""
    return Settings(**{name: value for name, value in flags.items() if value is not None})


def _check_environment() -> None:
    known = {f"{_PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.upper().startswith(_PREFIX) and name.upper() not in known:  # a misspelt one would change nothing
            fix = f"unset it, or use one of {', '.join(sorted(known))}"
            raise SettingsError(f"{name} is set in the environment", why="there is no such setting", fix=fix)
