"""views.*: modals and App Home."""

from __future__ import annotations

from sandbox.errors import SlackRefusal
from sandbox.webapi.method import Answer, Method, Request


def _view(call: Request) -> object:
    call.text("view")
    return call.document("view", "invalid_arguments")


def open_view(call: Request) -> Answer:
    """views.open: a modal for whoever set the trigger off"""
    name = call.text("trigger_id")
    trigger = call.core.tickets.look_at(name)
    view = call.core.views.open(trigger.user, _view(call))
    call.core.tickets.exchange(name)
    return {"view": view}


def push(call: Request) -> Answer:
    """views.push: on top of the modal in which the trigger was set off"""
    name = call.text("trigger_id")
    trigger = call.core.tickets.look_at(name)
    if trigger.view is None or call.core.views.find(trigger.view) is None:
        raise SlackRefusal("invalid_trigger_id")
    view = call.core.views.push(trigger.user, _view(call))
    call.core.tickets.exchange(name)
    return {"view": view}


def update(call: Request) -> Answer:
    """views.update: an open modal by its id or the app's own id for it"""
    view_id, external_id = call.optional("view_id"), call.optional("external_id")
    if view_id is None and external_id is None:
        raise SlackRefusal("invalid_arguments", "[ERROR] must provide one of view_id, external_id")
    modal = call.core.views.find(view_id, external_id)
    if modal is None:
        raise SlackRefusal("not_found")
    known = call.optional("hash")
    if known is not None and known != modal.view["hash"]:
        raise SlackRefusal("hash_conflict")
    return {"view": call.core.views.update(modal, _view(call))}


def publish(call: Request) -> Answer:
    """views.publish: a person's App Home"""
    core = call.core
    user = call.text("user_id")
    if not core.app.has_home:
        raise SlackRefusal("not_enabled")
    if user not in core.workspace.people:
        raise SlackRefusal("user_not_found")
    old = core.workspace.homes.get(user)
    known = call.optional("hash")
    if known is not None and old is not None and known != old["hash"]:
        raise SlackRefusal("hash_conflict")
    view = core.views.checked(_view(call), "home", old=old)
    core.workspace.keep_home(user, view)
    return {"view": view}


METHODS = {
    "views.open": Method(open_view),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
}
