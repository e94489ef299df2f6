"""What the parsers of YAML, TOML and JSON say, as far as it can be told in other languages."""

from __future__ import annotations

from feedsvc.messages import Message, say

_SAID: dict[str, Message] = {
    message: message
    for message in (
        # YAML, in the words of libyaml
        say("mapping values are not allowed in this context"),
        say("could not find expected ':'"),
        say("did not find expected key"),
        say("did not find expected '-' indicator"),
        say("did not find expected ',' or ']'"),
        say("did not find expected ',' or '}}'"),
        say("did not find expected node content"),
        say("did not find expected alphabetic or numeric character"),
        say("did not find expected hexdecimal number"),
        say("found character that cannot start any token"),
        say("found unexpected end of stream"),
        say("found unexpected document indicator"),
        say("found unknown escape character"),
        say("found a tab character that violates indentation"),
        say("block sequence entries are not allowed in this context"),
        say("control characters are not allowed"),
        say("mapping keys are not allowed in this context"),
        say("did not find expected comment or line break"),
        # TOML, in the words of tomllib
        say("invalid value"),
        say("invalid statement"),
        say("invalid initial character for a key part"),
        say("expected '=' after a key in a key/value pair"),
        say("expected newline or end of document after a statement"),
        say("cannot overwrite a value"),
        say("unterminated string"),
        say("unclosed array"),
        say("unclosed inline table"),
        say("unescaped '\\' in a string"),
        # JSON, in the words of the standard library
        say("expecting value"),
        say("expecting property name enclosed in double quotes"),
        say("expecting ':' delimiter"),
        say("expecting ',' delimiter"),
        say("invalid control character at"),
        say("invalid \\escape"),
        say("invalid \\uXXXX escape"),
        say("unterminated string starting at"),
        say("illegal trailing comma before end of object"),
        say("illegal trailing comma before end of array"),
        say("extra data"),
    )
}


def problem_in_row(words: str, row: str) -> str:
    """Return what a parser found wrong, and the line in which it did, if that is known."""
    begun = words[:1].lower() + words[1:]
    problem = _SAID.get(begun, begun)
    return say("{problem} in “{row}”", problem=problem, row=row) if row else problem
