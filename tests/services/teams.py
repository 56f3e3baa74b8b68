"""A small practice for tests of what people do: a team with members, one without, and a limit for write-offs."""

from __future__ import annotations

from denials.rules.load import load_rules
from denials.rules.model import RuleSet
from services.people import Actor

RULES = """
version: 1
timezone: America/New_York
business_hours: {days: [mon, tue, wed, thu, fri], open: "08:00", close: "17:00", holidays: US}
ops_channel: C0OPS
admins: [U0ADMIN]
owners:
  front_desk: {channel: C0FRONT, group: S0FRONT, members: [U0FRONT1, U0FRONT2], lead: U0LEAD, manager: U0MANAGER}
  coders: {channel: C0CODE, lead: U0LEAD}
categories:
  registration: {owner: front_desk}
  coding: {owner: coders}
escalations:
  standard:
    - {when: unclaimed, after: 4bh, notify: [owner]}
    - {when: unclaimed, after: 1bd, notify: [lead]}
    - {when: claimed, after: 5bd, notify: [assignee]}
    - {when: claimed, after: 10bd, notify: [manager]}
    - {when: open, due_within: 7d, notify: [assignee, lead]}
write_off: {second_person_above: 500.00}
"""

ANA, BEN = Actor("U0FRONT1"), Actor("U0FRONT2")
LEAD, MANAGER, ADMIN = Actor("U0LEAD"), Actor("U0MANAGER"), Actor("U0ADMIN")
STRANGER = Actor("U0STRANGER")


def small_practice() -> RuleSet:
    """The rules above."""
    return load_rules(RULES)
