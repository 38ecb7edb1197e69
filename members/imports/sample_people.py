"""Sample people: the same seed makes the same ones, by what the policy of a service lets it keep."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any

from compliance.rules import retention
from compliance.rules.calendar import Period, local_day
from compliance.rules.policy_values import Item, Policy
from members.imports import sample_words as words
from members.rules.event_check import PROFILE_MOMENTS, class_items, record_classes
from members.rules.import_check import Answered
from members.rules.import_columns import consent_questions, people_items, required_items

OPTIONAL_SHARE = 0.3
ANSWERS = ("agreed", "agreed", "disagreed", "withdrawn", "")
EVENT_SHARES = {"transaction": 0.35, "communication": 0.1, "usage": 0.2, "record": 0.3}
CASE_SHARE = 0.08
NEAR_SHARE = 0.06


@dataclass(frozen=True)
class SampleEvent:
    """Something that happened to a sample person."""

    record_class: str
    reference: str
    occurred_at: datetime
    values: dict[str, str]
    anchors: dict[str, str]


@dataclass(frozen=True)
class SamplePerson:
    """A person who does not exist, with history and answers."""

    reference: str
    kind: str
    language: str
    joined_at: datetime
    last_used_at: datetime
    values: dict[str, str]
    events: tuple[SampleEvent, ...]
    consents: tuple[Answered, ...]


@dataclass(frozen=True)
class Recipe:
    """One kind of event that a policy has a place for."""

    record_class: str
    items: tuple[Item, ...]
    trigger: str
    period: Period | None
    share: float


class People:
    """Makes the sample people of one service. Nothing depends on anything but its arguments."""

    def __init__(self, policy: Policy, seed: int, now: datetime) -> None:
        self.policy, self.seed, self.now = policy, seed, now
        self.today = local_day(now, policy.timezone)
        country = policy.market_country
        self.languages = words.LANGUAGES.get(country, words.ELSEWHERE)
        self.currency = words.CURRENCY.get(country, "USD")

    def make(self, kind: str, start: int, stop: int) -> Iterator[SamplePerson]:
        """Yield people number ``start`` to ``stop - 1`` of a kind."""
        return (self._person(kind, number) for number in range(start, stop))

    def reference(self, kind: str, number: int) -> str:
        """The number of a person in the system of the sample shop."""
        return f"S{self.seed}-{kind}-{number}"

    def _person(self, kind: str, number: int) -> SamplePerson:
        dice = random.Random(f"{self.seed}:{self.policy.slug}:{kind}:{number}")  # nosec B311
        language = dice.choice(self.languages)
        joined, used = self._times(dice)
        name = _name(language, dice)
        values = {
            item.code: self._value(item.code, language, name, number, dice)
            for item, required in self._items(kind)
            if required or dice.random() < OPTIONAL_SHARE
        }
        return SamplePerson(
            reference=self.reference(kind, number),
            kind=kind,
            language=language,
            joined_at=joined,
            last_used_at=used,
            values=values,
            events=tuple(self._events(kind, number, language, name, joined, dice)),
            consents=tuple(self._answers(dice)) if kind == "member" else (),
        )

    def _times(self, dice: random.Random) -> tuple[datetime, datetime]:
        """Joined within six years; some have not come back for almost a year."""
        joined = self.now - timedelta(days=dice.randint(40, 2_200), minutes=dice.randint(0, 1_400))
        idle = dice.randint(330, 364) if dice.random() < NEAR_SHARE else dice.randint(0, 200)
        return joined, max(joined, self.now - timedelta(days=idle, minutes=dice.randint(1, 1_400)))

    @cache  # noqa: B019 - one object per run of a command
    def _items(self, kind: str) -> tuple[tuple[Item, bool], ...]:
        required = set(required_items(self.policy, kind))
        usual = {"login_id", "email", "name"} if kind == "member" else set()
        return tuple(
            (self.policy.items_by_code[code], code in required | usual)
            for code in people_items(self.policy, kind)
        )

    def _value(self, code: str, language: str, name: str, number: int, dice: random.Random) -> str:
        maker = VALUES.get(code)
        if maker:
            return maker(language, name, number, dice)
        return f"{dice.choice(words.LOGIN)} {dice.choice(words.ANIMAL)}"

    def _events(
        self,
        kind: str,
        number: int,
        language: str,
        name: str,
        joined: datetime,
        dice: random.Random,
    ) -> Iterator[SampleEvent]:
        orders = f"{self.policy.slug[:3].upper()}{self.seed}-{kind[0].upper()}{number:06d}"
        must_order = kind == "nonmember"
        for recipe in self._recipes(kind):
            wanted = 1.0 if must_order and recipe.trigger in ORDER_TRIGGERS else recipe.share
            if dice.random() >= wanted:
                continue
            moment = self._moment(recipe, joined, dice)
            yield SampleEvent(
                record_class=recipe.record_class,
                reference=orders,
                occurred_at=moment,
                values={
                    item.code: self._event_value(item, language, name, number, dice)
                    for item in recipe.items
                },
                anchors=self._anchors(recipe, moment, dice),
            )

    @cache  # noqa: B019 - one object per run of a command
    def _recipes(self, kind: str) -> tuple[Recipe, ...]:
        found = []
        for record_class in sorted(record_classes(self.policy)):
            by_category: dict[str, list[Item]] = {}
            for code in sorted(class_items(self.policy, record_class, kind)):
                item = self.policy.items_by_code[code]
                if self._fits(item, kind):
                    by_category.setdefault(_family(item), []).append(item)
            rule = retention.home_rule(self.policy, record_class, kind)
            if rule and rule.trigger == "session_ended":
                continue  # What ends with the browser was never stored.
            for family, items in by_category.items():
                share = (
                    CASE_SHARE if rule and rule.trigger == "case_closed" else EVENT_SHARES[family]
                )
                trigger, period = (rule.trigger, rule.period) if rule else ("", None)
                found.append(Recipe(record_class, tuple(items[:3]), trigger, period, share))
        return tuple(found)

    def _fits(self, item: Item, kind: str) -> bool:
        moments = {entry.moment for entry in item.subjects if entry.kind == kind}
        return _family(item) in EVENT_SHARES and not moments & PROFILE_MOMENTS

    def _moment(self, recipe: Recipe, joined: datetime, dice: random.Random) -> datetime:
        """Between joining and today; some so long ago that their period ends within weeks."""
        since = max((self.now - joined).days, 2)
        days = dice.randint(1, since)
        kept = recipe.period
        if kept and not kept.is_zero and dice.random() < NEAR_SHARE:
            whole = kept.years * 365 + kept.years // 4 + kept.months * 30 + kept.days
            days = max(1, whole - dice.randint(5, 40))
        elif kept and not kept.is_zero:
            days = min(days, max(1, kept.years * 365 + kept.months * 30 + kept.days - 45))
        return self.now - timedelta(days=days, minutes=dice.randint(0, 900))

    def _anchors(self, recipe: Recipe, moment: datetime, dice: random.Random) -> dict[str, str]:
        day = local_day(moment, self.policy.timezone)
        later = min(self.today, day + timedelta(days=dice.randint(1, 5)))
        if recipe.trigger == "contract_or_withdrawal":
            return {"contract": day.isoformat()}
        if recipe.trigger == "payment_or_supply_later":
            return {"payment": day.isoformat(), "supply": later.isoformat()}
        if recipe.trigger == "case_closed":
            closed = {"case_closed": later.isoformat()} if dice.random() < 0.8 else {}
            return {"case_opened": day.isoformat(), **closed}
        return {}

    def _event_value(
        self, item: Item, language: str, name: str, number: int, dice: random.Random
    ) -> str:
        if item.code in VALUES:
            return VALUES[item.code](language, name, number, dice)
        if item.category in ("record", "transaction"):
            amount = f"{dice.randint(1, 90)},000 {self.currency}"
            return f"{dice.randint(1, 4)} x {dice.choice(words.PRODUCT[language])}, {amount}"
        return f"{dice.choice(words.LOGIN)} {dice.choice(words.ANIMAL)}"

    @cached_property
    def _questions(self) -> tuple[tuple[str, str], ...]:
        asked = consent_questions(self.policy).items()
        return tuple(
            (purpose, channel)
            for purpose, channels in asked
            for channel in sorted(channels) or [""]
        )[:4]

    def _answers(self, dice: random.Random) -> Iterator[Answered]:
        for purpose, channel in self._questions:
            answer = dice.choice(ANSWERS)
            if answer:
                yield Answered(purpose, channel, answer)


ORDER_TRIGGERS = frozenset({"contract_or_withdrawal", "payment_or_supply_later"})
FAMILIES = {"technical": "usage", "delivery": "transaction", "payment": "transaction"}


def _family(item: Item) -> str:
    return FAMILIES.get(item.category, item.category)


def _name(language: str, dice: random.Random) -> str:
    family, given = dice.choice(words.FAMILY[language]), dice.choice(words.GIVEN[language])
    return f"{family}{given}" if language == "ko" else f"{given} {family}"


def _phone(language: str, name: str, number: int, dice: random.Random) -> str:
    if language == "en":
        return f"+447700900{dice.randint(0, 999):03d}"
    return f"{'0100000' if language == 'ko' else '08120000'}{dice.randint(0, 9999):04d}"


def _login(language: str, name: str, number: int, dice: random.Random) -> str:
    return f"{dice.choice(words.LOGIN)}{dice.choice(words.ANIMAL)}{number}"


def _email(language: str, name: str, number: int, dice: random.Random) -> str:
    return f"{dice.choice(words.LOGIN)}.{dice.choice(words.ANIMAL)}.{number}@{dice.choice(words.HOSTS)}"


def _address(language: str, name: str, number: int, dice: random.Random) -> str:
    street, house = dice.choice(words.STREET[language]), dice.randint(1, 99)
    return f"{house} {street}" if language == "en" else f"{street} {house}"


def _one_of(lists: dict[str, list[str]]) -> Any:
    return lambda language, name, number, dice: dice.choice(lists[language])


def _digits(pattern: str) -> Any:
    """A maker of numbers: every ``#`` becomes a digit."""
    return lambda language, name, number, dice: "".join(
        str(dice.randint(0, 9)) if sign == "#" else sign for sign in pattern
    )


def _own_name(language: str, name: str, number: int, dice: random.Random) -> str:
    return name


def _birth(language: str, name: str, number: int, dice: random.Random) -> str:
    return f"{dice.randint(1955, 2004)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"


VALUES: dict[str, Any] = {
    "name": _own_name,
    "receiver_name": _own_name,
    "business_representative_name": _own_name,
    "contact_person_name": _own_name,
    "credit_card_holder": _own_name,
    "login_id": _login,
    "nickname": _login,
    "email": _email,
    "receiver_email": _email,
    "phone": _phone,
    "mobile": _phone,
    "receiver_contact": _phone,
    "business_contact": _phone,
    "contact_info": _phone,
    "address": _address,
    "contact_address": _address,
    "delivery_address": _address,
    "receiver_address": _address,
    "date_of_birth": _birth,
    "age": _digits("3#"),
    "gender": _one_of(words.GENDER),
    "occupation": _one_of(words.OCCUPATION),
    "postal_code": _digits("0####"),
    "ci": _digits("sample-ci-############"),
    "di": _digits("sample-di-############"),
    "customs_code": _digits("P000000######"),
    "business_registration_number": _digits("000-00-#####"),
    "bank_account": _digits("000-0000-####"),
    "credit_card_number": _digits("####"),
    "credit_card_expiry": _digits("12/3#"),
    "payment_info": _digits("tok_sample_########"),
    "paypal_history": _digits("sample payment ######"),
    "ip_address": _digits("203.0.113.1#"),
    "complaint_records": _one_of(words.COMPLAINT),
    "enquiry_content": _one_of(words.ENQUIRY),
}
