"""Getting to the point where a mail server takes messages: connection, encryption, login."""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl

from feedsvc.deliver.replies import failure, is_positive, lost, read_reply, refusal
from feedsvc.deliver.server import Security, SmtpServer
from feedsvc.model import DeliveryResult, Reply, Stage, Verdict

_HIDDEN = "********"
_CONTINUE = 334


def connect(server: SmtpServer) -> smtplib.SMTP | DeliveryResult:
    """Return a connection that is ready for messages, or why there is none."""
    try:
        context = None if server.security is Security.NONE else _context(server.ca_file)
    except OSError as error:
        return _blocked(Stage.TLS, f"the certificates in {server.ca_file} cannot be used: {failure(error)}")
    try:
        smtp = _dial(server, context)
    except smtplib.SMTPResponseException as error:
        return refusal(Stage.CONNECT, _reply_of(error))
    except OSError as error:
        return _no_connection(Stage.CONNECT, error)
    except ValueError:
        return _blocked(Stage.CONNECT, f"there can be no mail server called {server.host}")
    problem = _prepare(smtp, server, context)
    if problem is not None:
        smtp.close()
    return problem or smtp


def _context(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or None)


def _dial(server: SmtpServer, context: ssl.SSLContext | None) -> smtplib.SMTP:
    hello, timeout = server.hello or None, server.timeout_s
    if server.security is Security.TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, hello, timeout=timeout, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, hello, timeout=timeout)
    if smtp.sock is not None:  # replies are waited for: small packets must not wait for company
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return smtp


def _prepare(smtp: smtplib.SMTP, server: SmtpServer, context: ssl.SSLContext | None) -> DeliveryResult | None:
    """Go on from the greeting to where messages are taken; returns what stands in the way."""
    stage = Stage.CONNECT
    try:
        problem = _hello(smtp)
        if problem is None and server.security is Security.STARTTLS:
            stage = Stage.TLS
            problem = _start_tls(smtp, context) or _hello(smtp)
        if problem is None and server.username:
            stage = Stage.LOGIN
            problem = _log_in(smtp, server)
    except OSError as error:
        return _no_connection(stage, error)
    return problem


def _hello(smtp: smtplib.SMTP) -> DeliveryResult | None:
    reply = read_reply(*smtp.ehlo())
    if is_positive(reply):
        return None
    if not 500 <= reply.code < 600:
        return refusal(Stage.CONNECT, reply)
    reply = read_reply(*smtp.helo())  # a server from before 1995 (RFC 5321 section 3.2)
    return None if is_positive(reply) else refusal(Stage.CONNECT, reply)


def _start_tls(smtp: smtplib.SMTP, context: ssl.SSLContext | None) -> DeliveryResult | None:
    if not smtp.has_extn("starttls"):
        reason = (
            "the mail server offers no encryption (STARTTLS), or somebody on the way hides the offer; nothing was sent"
        )
        return _blocked(Stage.TLS, reason)
    try:
        reply = read_reply(*smtp.starttls(context=context))
    except smtplib.SMTPResponseException as error:
        reply = _reply_of(error)
    return None if is_positive(reply) else refusal(Stage.TLS, reply)


def _log_in(smtp: smtplib.SMTP, server: SmtpServer) -> DeliveryResult | None:
    """Log in; the library's own way cannot spell names and passwords that are not ASCII."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        reply = _auth_plain(smtp, server)
    elif "LOGIN" in offered:
        reply = _auth_login(smtp, server)
    else:
        return _blocked(Stage.LOGIN, "the mail server offers no login with a password (AUTH PLAIN or LOGIN)")
    if is_positive(reply):
        return None
    result = refusal(Stage.LOGIN, _without_secrets(reply, server.password))
    return result if reply.code >= 400 else _blocked(Stage.LOGIN, result.reason)


def _auth_plain(smtp: smtplib.SMTP, server: SmtpServer) -> Reply:
    """Log in as RFC 4616 says, in UTF-8."""
    return read_reply(*smtp.docmd("AUTH", f"PLAIN {_base64(f'{chr(0)}{server.username}{chr(0)}{server.password}')}"))


def _auth_login(smtp: smtplib.SMTP, server: SmtpServer) -> Reply:
    """Log in as was the custom before there was a standard: name and password each on a line of its own."""
    reply = read_reply(*smtp.docmd("AUTH", "LOGIN"))
    for answer in (server.username, server.password):
        if reply.code != _CONTINUE:
            break
        reply = read_reply(*smtp.docmd(_base64(answer)))
    return reply


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _without_secrets(reply: Reply, password: str) -> Reply:
    """Return *reply* without the password, should the server repeat it in any form."""
    text = reply.text
    for word in reply.text.split():
        if password and (password in word or password in _decoded(word)):
            text = text.replace(word, _HIDDEN)
    return Reply(reply.code, reply.enhanced, text.replace(password, _HIDDEN) if password else text)


def _decoded(word: str) -> str:
    try:
        return base64.b64decode(word).decode("utf-8", "replace")
    except ValueError:
        return ""


def _reply_of(error: smtplib.SMTPResponseException) -> Reply:
    text = error.smtp_error
    return read_reply(error.smtp_code, text if isinstance(text, bytes) else str(text).encode())


def _no_connection(stage: Stage, error: OSError) -> DeliveryResult:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"the certificate of the mail server is not to be trusted: {error.verify_message.lower()}"
        return _blocked(Stage.TLS, why)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _blocked(Stage.TLS, f"no encrypted connection to the mail server: {failure(error)}")
    return lost(stage, error)


def _blocked(stage: Stage, reason: str) -> DeliveryResult:
    return DeliveryResult(Verdict.BLOCKED, stage, reason)
