"""A small Bolt app that uses everything the page can show, without any of the product."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk import WebClient

from sandbox.server import Sandbox

Block = dict[str, Any]


def words(text: str) -> Block:
    """Plain text of a button or a label."""
    return {"type": "plain_text", "text": text}


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph, with a button beside it where there is one."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    return block | ({"accessory": accessory} if accessory else {})


def button(name: str, action: str, value: str = "x") -> Block:
    """A button."""
    return {"type": "button", "text": words(name), "action_id": action, "value": value}


def card(title: str, *, owner: str | None = None) -> list[Block]:
    """A card with two buttons and a menu."""
    menu = {
        "type": "overflow",
        "action_id": "more",
        "options": [{"text": words(name), "value": name.lower()} for name in ("Details", "Snooze")],
    }
    first = button("Release", "release", title) if owner else button("Claim", "claim", title)
    state = f"Claimed by <@{owner}>" if owner else "Nobody has this yet"
    return [
        section(f"*{title}*\n{state}"),
        {"type": "actions", "elements": [first, button("Resolve", "resolve", title), menu]},
    ]


FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "resolve",
    "title": words("Resolve"),
    "submit": words("Save"),
    "close": words("Cancel"),
    "blocks": [
        {"type": "actions", "block_id": "help", "elements": [button("Explain", "explain")]},
        {
            "type": "input",
            "block_id": "outcome",
            "dispatch_action": True,
            "label": words("Outcome"),
            "element": {
                "type": "static_select",
                "action_id": "outcome",
                "options": [{"text": words(name), "value": name} for name in ("Paid", "Written off")],
            },
        },
        {
            "type": "input",
            "block_id": "amount",
            "label": words("Recovered amount"),
            "optional": True,
            "element": {"type": "plain_text_input", "action_id": "amount"},
        },
        {
            "type": "input",
            "block_id": "note",
            "label": words("Note"),
            "optional": True,
            "element": {"type": "plain_text_input", "action_id": "note"},
        },
    ],
}

CHART: Block = {
    "type": "data_visualization",
    "title": "New denials by category",
    "chart": {
        "type": "bar",
        "series": [
            {"name": "This period", "data": [{"label": "Coding", "value": 18}, {"label": "Eligibility", "value": 22}]},
            {"name": "Before", "data": [{"label": "Coding", "value": 19}, {"label": "Eligibility", "value": 25}]},
        ],
        "axis_config": {"categories": ["Coding", "Eligibility"], "y_label": "New denials"},
    },
}


def _number(value: int) -> Block:
    return {"type": "raw_number", "value": value, "text": str(value)}


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": text}


TABLE: Block = {
    "type": "data_table",
    "caption": "Denials by payer",
    "page_size": 3,
    "row_header_column_index": 0,
    "rows": [
        [_cell("Payer"), _cell("New")],
        *([_cell(name), _number(new)] for name, new in (("Aetna", 7), ("Cigna", 31), ("Humana", 4), ("Medicare", 12))),
    ],
}


def _build(client: WebClient) -> App:
    app = App(client=client, token_verification_enabled=False, signing_secret="unused", process_before_response=False)

    @app.action("claim")
    def claim(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        title, user = body["actions"][0]["value"], body["user"]["id"]
        where = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        client.chat_update(**where, text=f"{title} claimed", blocks=card(title, owner=user))

    @app.action("resolve")
    def resolve(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.action("outcome")
    def chosen(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        choice = body["actions"][0]["selected_option"]["text"]["text"]
        view = {**FORM, "blocks": [section(f"You chose {choice}"), *FORM["blocks"]]}
        client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)

    @app.action("explain")
    def explain(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        view = {"type": "modal", "title": words("Outcomes"), "blocks": [section("What each outcome means")]}
        client.views_push(trigger_id=body["trigger_id"], view=view)

    @app.view("resolve")
    def submitted(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        values = body["view"]["state"]["values"]
        amount = values["amount"]["amount"]["value"]
        if values["outcome"]["outcome"]["selected_option"]["value"] == "Paid" and not amount:
            ack(response_action="errors", errors={"amount": "Say how much was recovered."})
            return
        ack()
        client.chat_postMessage(channel="C0FRONT", text=f"Resolved with {amount or 'nothing'} recovered")

    @app.action("more")
    def more(ack: Any, body: dict[str, Any], respond: Any) -> None:
        ack()
        choice = body["actions"][0]["selected_option"]["text"]["text"]
        respond(text=f"You chose {choice}", replace_original=False)

    @app.command("/denials")
    def command(ack: Any, respond: Any) -> None:
        ack()
        respond(text="Your numbers", blocks=[section("*Your numbers*"), CHART, TABLE])

    @app.event("app_home_opened")
    def home(event: dict[str, Any], client: WebClient) -> None:
        view = {"type": "home", "blocks": [section("*Your queue is empty.*"), *card("From Home")]}
        client.views_publish(user_id=event["user"], view=view)

    @app.event("message")
    def message() -> None:
        """Direct messages need no answer."""

    return app


@contextmanager
def connected(sandbox: Sandbox) -> Iterator[WebClient]:
    """The app, connected by Socket Mode; its Web API client to post with."""
    client = WebClient(token=sandbox.bot_token, base_url=sandbox.api_url)
    handler: Any = SocketModeHandler(_build(client), sandbox.app_token)  # its methods are not typed
    handler.connect()
    try:
        yield client
    finally:
        # Closing waits for the connection's next word, which may take seconds, unless the other side hangs up.
        handler.client.auto_reconnect_enabled = False
        sandbox.drop_connections()
        handler.close()
