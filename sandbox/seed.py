"""Who and what is in a new workspace."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a Slack account; ``title`` is shown beside the name."""

    id: str
    name: str
    title: str
    is_admin: bool = False
    is_guest: bool = False
    tz: str = "America/New_York"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel with the ids of its members; ``app_is_member`` says whether the app has been invited already."""

    id: str
    name: str
    topic: str = ""
    members: tuple[str, ...] = ()
    private: bool = False
    app_is_member: bool = True
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A user group that can be mentioned by its handle."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seed:
    """A whole workspace before anyone has written in it."""

    team_id: str
    team_name: str
    people: tuple[Person, ...]
    channels: tuple[Channel, ...]
    groups: tuple[Group, ...] = ()

    @property
    def domain(self) -> str:
        """The workspace's name as it stands in addresses."""
        return self.team_name.lower().replace(" ", "-")


_TEAMS = (
    ("FRONT", "front-desk", "Front desk", "Registration and eligibility denials"),
    ("CODING", "coding", "Coding", "Coding denials"),
    ("AUTH", "authorizations", "Authorizations", "Authorization denials"),
    ("CLINICAL", "clinical-documentation", "Clinical documentation", "Documentation denials"),
    ("FOLLOWUP", "follow-up", "Follow-up", "Payer edits, timely filing and take-backs"),
)

_PEOPLE = (
    Person("U0FRONT1", "Maya Ortiz", "Front desk biller"),
    Person("U0FRONT2", "Sam Becker", "Front desk"),
    Person("U0CODE1", "Priya Nair", "Coder"),
    Person("U0AUTH1", "Jonas Weber", "Authorization specialist"),
    Person("U0CLIN1", "Grace Kim", "Clinical documentation"),
    Person("U0FOLLOW1", "Leo Grant", "Follow-up biller"),
    Person("U0LEAD", "Dana Whitfield", "Billing lead"),
    Person("U0MANAGER", "Ruth Alvarez", "Practice manager"),
    Person("U0ADMIN", "Omar Haddad", "Administrator", is_admin=True),
)

_WORKERS = {
    "FRONT": ("U0FRONT1", "U0FRONT2"),
    "CODING": ("U0CODE1",),
    "AUTH": ("U0AUTH1",),
    "CLINICAL": ("U0CLIN1",),
    "FOLLOWUP": ("U0FOLLOW1",),
}


def default_seed() -> Seed:
    """A small practice: five owner teams, a lead, a manager, an administrator, and their channels."""
    channels = [
        Channel(f"C0{key}", handle, topic, (*_WORKERS[key], "U0LEAD", "U0MANAGER")) for key, handle, _, topic in _TEAMS
    ]
    channels.append(Channel("C0OPS", "denials-ops", "Notices for administrators", ("U0ADMIN", "U0LEAD")))
    channels.append(Channel("C0LEADS", "leaders", "Weekly report and reviews", ("U0LEAD", "U0MANAGER")))
    groups = [Group(f"S0{key}", handle, name, _WORKERS[key]) for key, handle, name, _ in _TEAMS]
    return Seed("T0SANDBOX", "Sandbox Practice", _PEOPLE, tuple(channels), tuple(groups))
