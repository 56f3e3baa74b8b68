"""Every error a person may see, as one tree.

    DenialDeskError            one clear line: what is wrong, where, what to do
    ├── SettingsError          a variable is missing or wrong
    ├── RulesError             rules.yaml does not validate (carries every finding)
    ├── IntakeError            a file cannot be read as a batch at all
    ├── StorageError          the database cannot be read or written now
    └── WorkError              what was asked cannot be done to this item now

The message of each is shown as it is: on stderr by the command line, privately in Slack. It never holds patient data,
claim numbers, dates of service, file contents or tokens.
"""

from __future__ import annotations


class DenialDeskError(Exception):
    """Base of all errors with a message meant for people."""


class SettingsError(DenialDeskError):
    """A setting is missing or wrong; the message names the variable and the mend."""


class RulesError(DenialDeskError):
    """The rules file does not validate."""


class IntakeError(DenialDeskError):
    """A file cannot be taken in as a whole; nothing of it was kept."""


class StorageError(DenialDeskError):
    """The database cannot be read or written now; nothing of what was asked was kept."""


class WorkError(DenialDeskError):
    """The command cannot be carried out on this item now."""
