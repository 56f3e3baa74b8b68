"""Slack's documented rules for Block Kit, as strict as Slack itself.

`message_problems` and `view_problems` name everything that Slack would refuse, each with the place as a JSON
pointer. `dress` adds what Slack adds to accepted blocks: block ids, action ids and the flags of text objects.
"""

from sandbox.blockkit.dress import dress
from sandbox.blockkit.message import message_problems, shown_length
from sandbox.blockkit.view import view_problems

__all__ = ["dress", "message_problems", "shown_length", "view_problems"]
