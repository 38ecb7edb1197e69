"""The questions about consent on joining, in the words that are shown: key lines, full text, two equal answers.

The digest of all these words is the evidence of an answer (X-ALL-10). Sources: ux of the consent block, MIK-1.1,
KRN-3.1, KRN-3.2, X-ALL-12.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from compliance.models import PolicyVersion
from compliance.policy_show import period_words
from compliance.register_words import said
from compliance.rules.policy_values import Policy, RetentionRule
from compliance.rules.retention import covering, needs_case
from compliance.selectors import policy_values, text_shown
from members import choices, words
from members.markdown import as_html
from members.rules import joining
from members.rules.choices import REQUIRED_TO_JOIN, Choice, offered


@dataclass(frozen=True)
class Block:
    """One question as it stands on the page. ``text`` is the full text, in the language ``text_language``."""

    choice: Choice
    title: str
    required: bool
    items: Sequence[str]
    purposes: Sequence[str]
    kept: str
    recipient: str
    text: str | SafeString
    text_language: str

    @property
    def key(self) -> str:
        """The name of the question in the form. Example: ``advertising:email:``."""
        return self.choice.key

    @property
    def is_html(self) -> bool:
        """Whether the full text is a policy text with its headings, cleaned already."""
        return isinstance(self.text, SafeString)

    @property
    def text_hash(self) -> str:
        """Return the SHA-256 of everything shown about this question, as hex."""
        lists = ("\x1e".join(self.items), "\x1e".join(self.purposes))
        shown = (self.title, str(self.required), *lists, self.kept, self.recipient, str(self.text))
        return hashlib.sha256("\x1f".join((*shown, self.choice.clause)).encode()).hexdigest()


def blocks(version: PolicyVersion, kind: str) -> tuple[Block, ...]:
    """Return the questions for one kind of person in the reader's language, the required one first."""
    policy = policy_values(version)
    optional = (_optional(one, policy) for one in offered(policy, kind))
    return (_required(version, policy, kind), *optional)


def _required(version: PolicyVersion, policy: Policy, kind: str) -> Block:
    """What membership needs: the required items, for everything they serve without a further question."""
    asked = [one for one in joining.asked(policy, kind) if one.requirement == "required"]
    items = [one.item for one in asked] + _password(policy, kind)
    purposes = list(dict.fromkeys(code for one in asked for code in one.purposes))
    text, language = _whole_text(version, policy)
    return Block(
        choice=Choice(REQUIRED_TO_JOIN, items=tuple(items)),
        title=choices.title(policy, REQUIRED_TO_JOIN, "", ""),
        required=True,
        items=words.items(policy, items),
        purposes=words.purposes(policy, purposes),
        kept=_kept(policy, items, kind),
        recipient="",
        text=text,
        text_language=language,
    )


def _optional(choice: Choice, policy: Policy) -> Block:
    recipient = policy.recipients_by_code.get(choice.recipient)
    text, language = _clause_text(policy, choice)
    return Block(
        choice=choice,
        title=choices.title(policy, choice.purpose, choice.channel, choice.recipient),
        required=False,
        items=words.items(policy, choice.items) or [_("The address for this channel")],
        purposes=words.purposes(policy, [choice.purpose]),
        kept=_("Until you take it back or leave"),
        recipient=said(recipient.name) if recipient else "",
        text=text,
        text_language=language,
    )


def _password(policy: Policy, kind: str) -> list[str]:
    if not joining.asks_password(policy, kind):
        return []
    return [item.code for item in policy.items if item.category == joining.PASSWORD_CATEGORY]


def _kept(policy: Policy, items: Sequence[str], kind: str) -> str:
    """For how long: while the membership lasts, and what holds it longer than that."""
    rules = {rule.code: rule for item in items for rule in covering(policy, item, kind)}
    longer = [rule for rule in rules.values() if _outlives(rule)]
    parts = [_("As long as you are a member"), *(_longer(rule) for rule in longer)]
    return "; ".join(parts)


def _outlives(rule: RetentionRule) -> bool:
    has_period = rule.period is not None and not rule.period.is_zero
    return has_period and not needs_case(rule)


def _longer(rule: RetentionRule) -> str:
    about = {"what": said(rule.label), "period": period_words(str(rule.period))}
    return _("%(what)s: %(period)s longer") % about


def _whole_text(version: PolicyVersion, policy: Policy) -> tuple[str | SafeString, str]:
    """The policy in the reader's language, else in its own; without a ready text its clauses."""
    text = text_shown(version, get_language() or "")
    if text is not None:
        return as_html(text.body), text.language
    own = policy.policy_languages[0] if policy.policy_languages else "en"
    return "\n".join(f"{row.clause} {row.title}: {row.text}" for row in policy.clauses), own


def _clause_text(policy: Policy, choice: Choice) -> tuple[str, str]:
    """The clause behind a question; where the policy names none, its purpose in its own words."""
    found = [row for row in policy.clauses if row.clause == choice.clause]
    if not found:
        row = policy.purposes_by_code.get(choice.purpose)
        return (said(row.label) if row else choice.purpose), get_language() or "en"
    return "\n".join(f"{row.clause} {row.title}: {row.text}" for row in found), "en"
