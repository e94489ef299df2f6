"""The command that a mail server hands mail to which came back."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from feedsvc.cli.invocation import error_lines
from feedsvc.errors import FeedsvcError

if TYPE_CHECKING:
    from feedsvc.cli.invocation import Invocation
    from feedsvc.digests import ReturnReceipt

_TRY_AGAIN = 75
"""EX_TEMPFAIL of ``sysexits.h``: the mail server keeps the mail and brings it again."""
_CHUNK = 65_536


@click.command()
@click.option("--recipient", metavar="ADDRESS", help="Whom the mail was delivered to. Default: as the headers say.")
@click.option("--sender", metavar="ADDRESS", help="Whom it came from; empty is nobody. Default: as the headers say.")
@click.pass_context
def bounce(ctx: click.Context, recipient: str | None, sender: str | None) -> None:
    """Take mail that came back, on standard input: bounces, complaints, wishes to unsubscribe."""
    if sys.stdin.isatty():
        raise click.UsageError("this command reads a mail from standard input; mail servers use it, not people")
    invocation: Invocation = ctx.obj
    try:
        receipt = _take(invocation, recipient, sender)
    except Exception as error:
        if invocation.is_debug:
            raise
        known = error if isinstance(error, (FeedsvcError, OSError)) else FeedsvcError(type(error).__name__)
        for line in error_lines(known):
            click.echo(f"feedsvc: {line}", err=True)
        ctx.exit(_TRY_AGAIN)  # whatever fails here, the mail must not be lost
    click.echo(_line(receipt))


def _take(invocation: Invocation, recipient: str | None, sender: str | None) -> ReturnReceipt:
    settings = invocation.settings()
    from feedsvc.app.returns import take_returned
    from feedsvc.parse.returned import MAX_BYTES

    data = sys.stdin.buffer.read(MAX_BYTES)
    while sys.stdin.buffer.read(_CHUNK):
        pass  # who writes into a pipe must be able to finish
    # commands that are called for an alias are told by the environment (Postfix, local(8))
    to = recipient if recipient is not None else os.environ.get("ORIGINAL_RECIPIENT", "")
    return take_returned(settings, data, to, os.environ.get("SENDER") if sender is None else sender)


def _line(receipt: ReturnReceipt) -> str:
    from feedsvc.digests import Outcome
    from feedsvc.model import display_path

    who = receipt.subscriber.address if receipt.subscriber else "somebody who is gone"
    words = {
        Outcome.BOUNCED: f"{who} cannot be reached and gets no mail any more",
        Outcome.COUNTED: f"{who} could not be reached this time",
        Outcome.REFUSED: f"a digest to {who} was refused, which is not the fault of the address",
        Outcome.COMPLAINED: f"{who} gets no mail any more",
        Outcome.LEFT: f"{who} is unsubscribed",
        Outcome.IGNORED: "Nothing to do",
    }
    return display_path(f"{words[receipt.outcome]}: {receipt.reason}")
