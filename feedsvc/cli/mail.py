"""Commands about mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedsvc.app.mail import MailTrial
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

    trial = try_mail(settings, address)
    tell_trial(ctx, trial, trial_lines(trial, address))


def tell_trial(ctx: click.Context, trial: MailTrial, lines: Iterable[str]) -> None:
    """Print *lines* about a message that was tried, and end with 1 if it was not handed over."""
    from feedsvc.model import Verdict

    is_fine = trial.result.verdict is Verdict.ACCEPTED
    for line in lines:
        click.echo(line, err=not is_fine)
    ctx.exit(0 if is_fine else 1)
