"""Everything that the parts of the sandbox share."""

from __future__ import annotations

from pathlib import Path

from sandbox.app import App
from sandbox.calls import Calls
from sandbox.changes import Changes
from sandbox.clock import WorkspaceClock
from sandbox.faults import Faults
from sandbox.limits import Limits, RateLimiter
from sandbox.modals import Views
from sandbox.seed import Seed
from sandbox.state_file import StateFile
from sandbox.tickets import Tickets
from sandbox.workspace import Workspace

BOT_TOKEN = "xoxb-sandbox-0000000000-denialdesk"  # noqa: S105 - opens nothing but a sandbox
APP_TOKEN = "xapp-1-A0SANDBOX-0000000000-sandbox"  # noqa: S105 - opens nothing but a sandbox
SIGNING_SECRET = "5a9db0c5a9db0c5a9db0c5a9db0c5a9d"  # noqa: S105 - opens nothing but a sandbox
VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105 - opens nothing but a sandbox


class Core:
    """One workspace with the app installed in it. ``url`` is known once the server listens."""

    def __init__(self, seed: Seed, app: App, limits: Limits, state: Path | None) -> None:
        self.seed = seed
        self.app = app
        self.limits = limits
        self.clock = WorkspaceClock()
        self.changes = Changes()
        self.state = StateFile(state)
        self.workspace = Workspace(seed, app, self.clock, self.state, self.changes)
        self.views = Views(seed.team_id, app, self.clock, self.changes)
        self.tickets = Tickets(limits, self.clock.monotonic)
        self.limiter = RateLimiter(limits, self.clock.monotonic)
        self.calls = Calls()
        self.faults = Faults()
        self.token_error = ""  # "token_revoked", "account_inactive" or "invalid_auth" once the app was removed
        self.url = ""
