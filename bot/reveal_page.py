"""The page behind a private link: one claim number, once, on the practice's own network.

Opening the link only asks; the button on it reveals, so that a program that previews links uses nothing up.
"""

from __future__ import annotations

from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from services import reveal
from services.desk import Desk
from services.reveal import Revealed

PATH = "/reveal"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Denial Desk</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto; padding: 0 1rem; color: #1d1c1d; }}
button {{ font: inherit; padding: .5rem 1rem; }} dt {{ color: #616061; }} dd {{ margin: 0 0 .75rem; }}
.number {{ font: 600 1.6rem/1.3 ui-monospace, monospace; user-select: all; }}
</style></head><body>{body}</body></html>
"""
_ASK = """<h1>Show the claim number?</h1>
<p>This link works once. Who opened it is logged.</p>
<form method="post"><button autofocus>Show it</button></form>"""
_ENDED = """<h1>This link has ended</h1>
<p>It works once, for five minutes, for the person it was made for. Ask for a new one in the menu of the card.</p>"""


def routes(desk: Desk) -> list[Route]:
    """The page's two addresses, to be mounted at the root."""

    async def ask(request: Request) -> Response:
        live = await run_in_threadpool(reveal.is_live, desk, request.path_params["token"])
        return _page(_ASK) if live else _page(_ENDED, 410)

    async def show(request: Request) -> Response:
        source = request.client.host if request.client else "unknown"
        found = await run_in_threadpool(reveal.open_link, desk, request.path_params["token"], source)
        return _page(_shown(found)) if found is not None else _page(_ENDED, 410)

    address = f"{PATH}/{{token}}"
    return [Route(address, ask, methods=["GET"]), Route(address, show, methods=["POST"])]


def _page(body: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(body=body), status, _HEADERS)


def _shown(found: Revealed) -> str:
    service = found.service_date.isoformat() if found.service_date else "not known"
    facts = (
        ("Service date", service),
        ("Payer", found.payer),
        ("Denied", f"${found.denied:,.2f}"),
        ("Billed", f"${found.billed:,.2f}"),
    )
    rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts)
    return (
        f'<h1>{escape(found.ref)}</h1><p class="number">{escape(found.claim_number.reveal())}</p>'
        f"<dl>{rows}</dl><p>Close this page when you have found the claim.</p>"
    )
