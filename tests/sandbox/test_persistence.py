"""A workspace outlives its server, even one that is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from slack_sdk import WebClient

from sandbox.server import Sandbox
from sandbox.story import Story
from tests.sandbox.conftest import FAST, client_of
from tests.sandbox.samples import actions, button, home, section
from tests.sandbox.test_chat import FRONT, METADATA

ROOT = Path(__file__).parents[2]
SERVE = """
import sys
from pathlib import Path
from sandbox.run import serve_forever
from sandbox.server import Sandbox
serve_forever(Sandbox(state=Path(sys.argv[1])))
"""


def _serve(state: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(state)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    return process, process.stdout.readline().rpartition(" ")[2].strip()


def test_everything_is_there_after_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "workspace.db"
    process, url = _serve(state)
    with process:
        try:
            client = WebClient(token=Sandbox.bot_token, base_url=f"{url}/api/", retry_handlers=[])
            story = Story(url)
            ts = client.chat_postMessage(
                channel=FRONT, text="card", blocks=[section("DN-1"), actions(button())], metadata=METADATA
            )["ts"]
            client.chat_postMessage(channel="U0LEAD", text="for the lead")
            client.chat_update(channel=FRONT, ts=ts, text="changed")
            client.views_publish(user_id="U0LEAD", view=home(section("queue")))
            story.say("U0FRONT1", FRONT, "mine")
            story.move_clock("4h")
        finally:
            process.send_signal(signal.SIGKILL)
    with Sandbox(state=state, limits=FAST) as sandbox:
        story = Story(sandbox)
        card, mine = story.messages(FRONT)
        assert (card.ts, card.text, card.labels, card.metadata, card.edited) == (
            ts,
            "changed",
            ["Claim"],
            METADATA,
            True,
        )
        assert mine.text == "mine"
        assert [one.text for one in story.messages("U0LEAD")] == ["for the lead"]
        story.home("U0LEAD", containing="queue")
        assert story.state("U0FRONT1")["offset"] == 4 * 3600
        later = client_of(sandbox).chat_postMessage(channel=FRONT, text="later")["ts"]
        assert later > mine.ts


def test_membership_and_archives_are_kept(tmp_path: Path) -> None:
    state = tmp_path / "workspace.db"
    with Sandbox(state=state, limits=FAST) as sandbox:
        sandbox.remove_app(FRONT)
        sandbox.archive("C0CODING")
        ts = client_of(sandbox).chat_postMessage(channel="C0AUTH", text="gone")["ts"]
        client_of(sandbox).chat_delete(channel="C0AUTH", ts=ts)
    with Sandbox(state=state, limits=FAST) as sandbox:
        client = client_of(sandbox)
        assert client.conversations_info(channel=FRONT)["channel"]["is_member"] is False
        assert client.conversations_info(channel="C0CODING")["channel"]["is_archived"] is True
        assert client.conversations_history(channel="C0AUTH")["messages"] == []


def test_a_sandbox_alone_ends_when_it_is_told_to(tmp_path: Path) -> None:
    process, url = _serve(tmp_path / "workspace.db")
    with process:
        assert WebClient(token=Sandbox.bot_token, base_url=f"{url}/api/").auth_test()["ok"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
