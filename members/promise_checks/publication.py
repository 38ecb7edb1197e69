"""Does the public policy page answer, with the version in force."""

from django.urls import Resolver404, resolve, reverse

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules.promises import Verdict

PAGE = "members:policy"


def policy_published(context: CheckContext) -> Finding:
    """The page is open to everybody and shows this version; a service in set-up waits for its findings."""
    version, service = context.version, context.service
    answers = _answers(service.slug)
    is_shown = version.state == "in_effect" and bool(context.policy.clauses)
    return found(
        gravest(
            [
                (not answers or not is_shown, Verdict.BROKEN),
                (not service.is_live, Verdict.WAITING_FOR_PERSON),
            ]
        ),
        version=version.number,
        page_answers=answers,
        live=service.is_live,
        reason="" if service.is_live else "service_in_set_up",
    )


def _answers(slug: str) -> bool:
    try:
        return resolve(reverse(PAGE, args=[slug])).view_name == PAGE
    except Resolver404:
        return False
