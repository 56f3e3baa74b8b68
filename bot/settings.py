"""What the environment (or `.env`) says. A wrong or missing variable is named in one line together with its mend."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from denials.errors import SettingsError

SLACK_API_URL = "https://slack.com/api/"
_LONGEST_PAGE = 120  # a report holds dozens of links to it, and a message has an end


def _prefixed(*prefixes: str) -> AfterValidator:
    def check(token: SecretStr) -> SecretStr:
        if not token.get_secret_value().startswith(prefixes):
            raise ValueError(f"it must start with {' or '.join(prefixes)}")
        return token

    return AfterValidator(check)


def _web_address(address: str) -> str:
    if not address.startswith(("http://", "https://")):
        raise ValueError("it must start with http:// or https://")
    return address if address.endswith("/") else address + "/"


def _page(address: str) -> str:
    if not address.startswith(("http://", "https://")) or len(address) > _LONGEST_PAGE:
        raise ValueError(f"it must start with http:// or https:// and have {_LONGEST_PAGE} characters at most")
    return address


def _span(text: str) -> str:
    """A span as `denials purge` takes it."""
    span = text.lower()
    if not re.fullmatch(r"([1-9][0-9]{0,2}mo|[3-9][0-9]d|[1-9][0-9]{2,3}d)", span):
        raise ValueError("it must be months or days")
    return span


class Settings(BaseSettings):
    """Every variable of the environment that the program reads."""

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        populate_by_name=True,
        str_strip_whitespace=True,
        frozen=True,
    )

    bot_token: Annotated[SecretStr, _prefixed("xoxb-")] | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    app_token: Annotated[SecretStr, _prefixed("xapp-")] | None = Field(None, validation_alias="SLACK_APP_TOKEN")
    signing_secret: SecretStr | None = Field(None, validation_alias="SLACK_SIGNING_SECRET")
    slack_api_url: Annotated[str, AfterValidator(_web_address)] = Field(SLACK_API_URL, validation_alias="SLACK_API_URL")

    database_url: str = Field("sqlite:///data/denials.db", validation_alias="DENIALS_DATABASE_URL")
    rules: Path = Field(Path("rules.yaml"), validation_alias="DENIALS_RULES")
    inbox: Path | None = Field(None, validation_alias="DENIALS_INBOX")
    worklists: Path | None = Field(None, validation_alias="DENIALS_WORKLISTS")
    data_key: SecretStr | None = Field(None, validation_alias="DENIALS_DATA_KEY")
    data_key_file: Path | None = Field(None, validation_alias="DENIALS_DATA_KEY_FILE")
    http_host: str = Field("127.0.0.1", validation_alias="DENIALS_HTTP_HOST")
    http_port: int = Field(3000, ge=0, le=65535, validation_alias="DENIALS_HTTP_PORT")
    sweep_seconds: float = Field(60, ge=0.1, le=3600, validation_alias="DENIALS_SWEEP_SECONDS")
    keep_resolved: Annotated[str, AfterValidator(_span)] | None = Field(None, validation_alias="DENIALS_KEEP_RESOLVED")
    log_format: Literal["console", "json"] | None = Field(None, validation_alias="DENIALS_LOG_FORMAT")
    reveal_url: Annotated[str, AfterValidator(_web_address)] | None = Field(None, validation_alias="DENIALS_REVEAL_URL")
    definitions_url: Annotated[str, AfterValidator(_page)] | None = Field(
        None, validation_alias="DENIALS_DEFINITIONS_URL"
    )
    sandbox_port: int = Field(3300, ge=0, le=65535, validation_alias="DENIALS_SANDBOX_PORT")
    pace_scale: float = Field(1, gt=0, le=1000, validation_alias="DENIALS_PACE_SCALE")

    @model_validator(mode="after")
    def _pace_of_slack(self) -> Self:
        if self.pace_scale != 1 and self.slack_api_url == SLACK_API_URL:
            raise ValueError(
                "DENIALS_PACE_SCALE speeds up tests and is refused with the real Slack; unset it, or set SLACK_API_URL"
            )
        return self

    @property
    def mode(self) -> Literal["socket", "http"]:
        """How Slack reaches the bot. Raises SettingsError that names every token that is missing."""
        reached = self.app_token is not None or self.signing_secret is not None
        if self.bot_token is not None and reached:
            return "socket" if self.app_token is not None else "http"
        missing = []
        if self.bot_token is None:
            missing.append("SLACK_BOT_TOKEN is not set (the app's Bot User OAuth Token, xoxb-…)")
        if not reached:
            missing.append("SLACK_APP_TOKEN (xapp-…, for Socket Mode) or SLACK_SIGNING_SECRET (for HTTP) is not set")
        raise SettingsError(
            f"{', and '.join(missing)}: put what is missing into the environment or .env,"
            " or try `denials run --sandbox` without Slack"
        )

    @property
    def definitions_page(self) -> str | None:
        """What the numbers of the weekly report link to; None where no address is known that browsers reach."""
        if self.definitions_url or not self.reveal_url:
            return self.definitions_url
        return f"{self.reveal_url.rstrip('/')}/definitions"

    @property
    def has_tokens(self) -> bool:
        """Whether any of Slack's variables is set."""
        return any((self.bot_token, self.app_token, self.signing_secret))


_MENDS = {
    "SLACK_BOT_TOKEN": "copy the Bot User OAuth Token from the app's page OAuth & Permissions",
    "SLACK_APP_TOKEN": "copy an app-level token from the app's page Basic Information",
    "SLACK_API_URL": "leave it out to use Slack",
    "DENIALS_REVEAL_URL": "set the address under which people's browsers reach DENIALS_HTTP_PORT",
    "DENIALS_DEFINITIONS_URL": "leave it out, or set the address of the page that explains the numbers",
    "DENIALS_HTTP_PORT": "set a port number such as 3000",
    "DENIALS_SANDBOX_PORT": "set a port number such as 3300",
    "DENIALS_SWEEP_SECONDS": "set seconds between 0.1 and 3600, such as 60",
    "DENIALS_KEEP_RESOLVED": "set how long resolved denials are kept, such as 24mo or 730d (at least 1mo or 30d)",
    "DENIALS_LOG_FORMAT": "set console or json",
    "DENIALS_PACE_SCALE": "leave it out",
}
_PROBLEMS = {
    "int_parsing": "is not a whole number",
    "float_parsing": "is not a number",
    "literal_error": "is not one of its words",
    "greater_than_equal": "is too small",
    "greater_than": "is too small",
    "less_than_equal": "is too large",
    "path_type": "is not a path",
}


def load_settings(**overrides: Any) -> Settings:
    """The settings in force. Raises SettingsError, one line, which never repeats a value."""
    try:
        return Settings(**overrides)
    except ValidationError as wrong:
        raise SettingsError("; ".join(_line(one) for one in wrong.errors(include_input=False))) from None
    except (UnicodeDecodeError, OSError):
        raise SettingsError(".env cannot be read: save it as a UTF-8 text file that this user may read") from None


def _line(error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return message
    variable = str(error["loc"][0]).upper()
    problem = _PROBLEMS.get(error["type"]) or f"is wrong, {message}"
    return f"{variable} {problem}: {_MENDS.get(variable, 'see the table of settings in the documentation')}"
