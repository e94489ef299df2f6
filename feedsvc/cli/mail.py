"""Commands about mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from feedsvc.cli.invocation import Invocation


@click.group()
def mail() -> None:
    """Try out how mail leaves this site."""


@mail.command("dkim-record")
@click.pass_obj
def dkim_record(invocation: Invocation) -> None:
    """Print the DNS record with which receivers check that mails are ours."""
    settings = invocation.settings()
    from feedsvc.app.mail import dkim_record as record

    click.echo(record(settings))


@mail.command()
@click.argument("address")
@click.pass_context
def test(ctx: click.Context, address: str) -> None:
    """Send one test message to ADDRESS and tell what the mail server said."""
    invocation: Invocation = ctx.obj
    settings = invocation.settings()
    from feedsvc.app.mail import try_mail
    from feedsvc.cli.mail_words import trial_lines
    from feedsvc.model import Verdict

    trial = try_mail(settings, address)
    is_fine = trial.result.verdict is Verdict.ACCEPTED
    for line in trial_lines(trial, address):
        click.echo(line, err=not is_fine)
    ctx.exit(0 if is_fine else 1)
