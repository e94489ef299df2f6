"""The ways out for messages: a mail server, or a folder where none is configured."""

from feedsvc.deliver.server import Security, SmtpServer
from feedsvc.deliver.smtp import SmtpTransport
from feedsvc.deliver.spool import Spool

__all__ = ["Security", "SmtpServer", "SmtpTransport", "Spool"]
