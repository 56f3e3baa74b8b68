"""Settings are what the contract says; what is wrong is told in one line with its mend and without its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings, load_settings
from denials.errors import SettingsError


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variables of the machine, no .env of the checkout."""
    import os

    for name in list(os.environ):
        if name.startswith(("SLACK_", "DENIALS_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults_are_those_of_the_documentation() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite:///data/denials.db"
    assert settings.rules == Path("rules.yaml")
    assert settings.inbox is None
    assert settings.worklists is None
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 3000)
    assert settings.sweep_seconds == 60
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.sandbox_port == 3300
    assert not settings.has_tokens


def test_a_dotenv_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-from-file\nDENIALS_HTTP_PORT=4000\nOTHER=1\n")
    monkeypatch.setenv("DENIALS_HTTP_PORT", "5000")
    settings = load_settings()
    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == "xoxb-from-file"
    assert settings.http_port == 5000


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "")
    monkeypatch.setenv("DENIALS_INBOX", "")
    assert not load_settings().has_tokens
    assert load_settings().inbox is None


@pytest.mark.parametrize(
    ("variable", "value", "mend"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1-SECRET", "OAuth & Permissions"),
        ("SLACK_APP_TOKEN", "xoxb-SECRET", "Basic Information"),
        ("SLACK_API_URL", "ftp://SECRET", "leave it out"),
        ("DENIALS_HTTP_PORT", "SECRET", "3000"),
        ("DENIALS_HTTP_PORT", "70000", "3000"),
        ("DENIALS_SWEEP_SECONDS", "soon-SECRET", "60"),
        ("DENIALS_SWEEP_SECONDS", "0", "60"),
        ("DENIALS_LOG_FORMAT", "SECRET", "console or json"),
        ("DENIALS_SANDBOX_PORT", "-1", "3300"),
        ("DENIALS_PACE_SCALE", "60", "unset it"),
    ],
)
def test_a_wrong_variable_is_named_in_one_line_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, mend: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    line = str(wrong.value)
    assert variable in line
    assert mend in line
    assert "\n" not in line
    assert "SECRET" not in line


def test_two_wrong_variables_are_both_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DENIALS_HTTP_PORT", "x")
    monkeypatch.setenv("DENIALS_LOG_FORMAT", "x")
    with pytest.raises(SettingsError, match=r"DENIALS_HTTP_PORT.*; DENIALS_LOG_FORMAT"):
        load_settings()


def test_secrets_do_not_show_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-very-secret")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "very-secret")
    monkeypatch.setenv("DENIALS_DATA_KEY", "very-secret-key")
    settings = load_settings()
    assert "very-secret" not in repr(settings) + str(settings) + settings.model_dump_json()


def _with(**values: str) -> Settings:
    return load_settings(**values)


def test_socket_mode_comes_before_http() -> None:
    assert _with(bot_token="xoxb-1", app_token="xapp-1", signing_secret="s").mode == "socket"
    assert _with(bot_token="xoxb-1", signing_secret="s").mode == "http"


def test_what_is_missing_to_run_is_named() -> None:
    with pytest.raises(SettingsError, match=r"SLACK_BOT_TOKEN is not set.*--sandbox"):
        _ = _with(app_token="xapp-1").mode
    with pytest.raises(SettingsError, match=r"SLACK_BOT_TOKEN.* and SLACK_APP_TOKEN.*or SLACK_SIGNING_SECRET"):
        _ = _with().mode
    with pytest.raises(SettingsError, match=r"^SLACK_APP_TOKEN.*or SLACK_SIGNING_SECRET"):
        _ = _with(bot_token="xoxb-1").mode
