from pathlib import Path

import pytest
from pydantic import ValidationError

from search.embedding import SHIPPED_MODEL
from search.errors import UsageError
from search.settings import SETTINGS_FILE, Settings, read_settings


def test_without_file_and_environment_the_defaults_hold(tmp_path: Path) -> None:
    assert read_settings({}, tmp_path) == Settings(index=Path(".rolesearch"), model=SHIPPED_MODEL)


def test_the_file_in_the_folder_overrides_defaults_and_the_environment_overrides_the_file(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text('index = "from-file"\nmodel = "models/ours"\n')
    assert read_settings({}, tmp_path) == Settings(index=Path("from-file"), model="models/ours")
    assert read_settings({"ROLESEARCH_INDEX": "from-environment"}, tmp_path) == Settings(index=Path("from-environment"), model="models/ours")


def test_the_file_that_the_environment_names_is_read_instead(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text('index = "unused"\n')
    named = tmp_path / "other.toml"
    named.write_text('model = "models/ours"\n')
    assert read_settings({"ROLESEARCH_CONFIG": str(named)}, tmp_path) == Settings(model="models/ours")


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert read_settings({"ROLESEARCH_INDEX": "", "ROLESEARCH_CONFIG": ""}, tmp_path) == Settings()


def test_other_variables_are_passed_over(tmp_path: Path) -> None:
    assert read_settings({"ROLESEARCH_HOME": "x", "INDEX": "y", "PATH": "z"}, tmp_path) == Settings()


@pytest.mark.parametrize("text", ["index = ", "index = 3", 'indx = "a"', 'model = ""', "[index]\na = 1"])
def test_a_wrong_file_is_wrong_usage_that_names_it(tmp_path: Path, text: str) -> None:
    (tmp_path / SETTINGS_FILE).write_text(text)
    with pytest.raises(UsageError) as refused:
        read_settings({}, tmp_path)
    assert str(tmp_path / SETTINGS_FILE) in str(refused.value)


def test_a_name_that_is_not_known_is_shown_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text('indx = "a"')
    with pytest.raises(UsageError, match=r"indx.*Known settings: index, model"):
        read_settings({}, tmp_path)


def test_a_file_in_another_encoding_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_bytes('index = "Zürich"'.encode("latin-1"))
    with pytest.raises(UsageError, match="cannot be read"):
        read_settings({}, tmp_path)


def test_a_named_file_that_is_missing_is_wrong_usage_and_not_the_defaults(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"missing\.toml cannot be read"):
        read_settings({"ROLESEARCH_CONFIG": str(tmp_path / "missing.toml")}, tmp_path)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().index = Path("elsewhere")
