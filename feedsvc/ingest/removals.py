"""When files are gone: which entries may be withdrawn, and when that is too much to believe."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RemovalPolicy:
    """How long to wait, and how many files may go at once.

    Attributes:
        grace_s: Seconds for which a file must be missing before its entries are withdrawn.
        count: Up to this many files may always go at once.
        percent: So may this part of all published files.
    """

    grace_s: float
    count: int
    percent: float


@dataclass(frozen=True, slots=True)
class InboxFacts:
    """What one scan says about the files that have entries.

    Attributes:
        missing: Files that are not there.
        published: How many files have entries, missing ones included.
        present: How many files are there.
        was_replaced: Whether the inbox is another folder than before.
        unmounted: Those of *missing* whose file system is not there either.
    """

    missing: frozenset[str]
    published: int
    present: int
    was_replaced: bool
    unmounted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RemovalDecision:
    """Paths whose entries are withdrawn now, that wait for an operator's word, and whose grace begins anew."""

    withdraw: frozenset[str]
    held: frozenset[str]
    spared: frozenset[str] = frozenset()


def decide_removals(
    facts: InboxFacts,
    due: frozenset[str],
    confirmed: frozenset[str],
    policy: RemovalPolicy,
    held_so_far: frozenset[str] = frozenset(),
) -> RemovalDecision:
    """Decide about missing files.

    Args:
        facts: What the scan found.
        due: Missing files whose grace is over.
        confirmed: Files that an operator said are really gone.
        policy: The limits.
        held_so_far: Files that were held until now.

    Returns:
        Withdrawals and holds. Everything missing is held when, once the grace of the first is over, too many files
        are gone at once, when the inbox is empty that was not, or when the folder itself is another one: a sync
        program or a mount goes wrong more often than an editor deletes all, or the folder. What was on a file system
        that is mounted no more is held in any case. When so many of the held
        files came back that the rest can be believed, that rest may be on its way too and gets another grace.
    """
    agreed = facts.missing & confirmed
    open_question = facts.missing - agreed
    if open_question & due and _is_incredible(facts, len(open_question), policy):
        return RemovalDecision(withdraw=agreed, held=open_question)
    believable = open_question - facts.unmounted
    spared = believable & held_so_far
    return RemovalDecision(
        withdraw=agreed | (believable & due) - spared,
        held=open_question & facts.unmounted & due,
        spared=spared,
    )


def _is_incredible(facts: InboxFacts, gone: int, policy: RemovalPolicy) -> bool:
    if gone == 0:
        return False
    if facts.was_replaced or (facts.present == 0 and gone > 1):
        return True
    return gone > max(policy.count, facts.published * policy.percent / 100)
