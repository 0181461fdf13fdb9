"""Settings: defaults, then a file, then the environment. Read once at a program's start and passed in; nothing else looks at the environment."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from search.embedding import SHIPPED_MODEL
from search.errors import UsageError

SETTINGS_FILE = "rolesearch.toml"
_PREFIX = "ROLESEARCH_"


class Settings(BaseModel):
    """What a user can set, in `rolesearch.toml` in the working folder (or the file that ROLESEARCH_CONFIG names) or as ROLESEARCH_<NAME>."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: Path = Field(default=Path(".rolesearch"), description="folder of the index")
    model: str = Field(default=SHIPPED_MODEL, min_length=1, description="embedding model: the shipped one, a folder, or a name in the Hugging Face cache")
    vectors: str = Field(
        default="matrix",
        pattern=r"^(matrix|chroma|https?://[\w.-]+(:\d{1,5})?/?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?/?)$",
        description="what is asked for similar chunks: matrix, chroma (the embedded store's own graph), or the address of a Chroma server",
    )
    vectors_token: str = Field(default="", pattern=r"^[!-~]*$", repr=False, description="secret that a proxy before the Chroma server wants to see")
    token: str = Field(default="", pattern=r"^([!-~]{16,})?$", repr=False, description="secret that others must send; at least 16 characters, no spaces")


def read_settings(environment: Mapping[str, str] = os.environ, folder: Path = Path()) -> Settings:
    """The settings in force. Raises UsageError, naming the place, for a file that is missing or broken and for a name or value that is not known."""
    named = environment.get(f"{_PREFIX}CONFIG")
    path = Path(named) if named else folder / SETTINGS_FILE
    from_file = _file_values(path) if named or path.exists() else {}
    from_environment = {name: environment[f"{_PREFIX}{name.upper()}"] for name in Settings.model_fields if environment.get(f"{_PREFIX}{name.upper()}")}
    try:
        return Settings.model_validate(from_file | from_environment)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
        known = ", ".join(Settings.model_fields)
        raise UsageError(f"the settings ({path} and {_PREFIX}… in the environment) are not valid: {problems}. Known settings: {known}") from error


def _file_values(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"the settings file {path} cannot be read: {error}") from error
