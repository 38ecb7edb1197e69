"""What a version of a policy changes against an earlier one, side by side (MIK-20a, KRN-9)."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from compliance.models import PolicyVersion
from members import policy_changes
from members.views import pages


@require_safe
def page(request: HttpRequest, service: str, number: int) -> HttpResponse:
    """Compare a published version with the one before it, or with ``?with=2`` with another earlier one."""
    found = pages.live_service(service)
    version = get_object_or_404(policy_changes.published(found), number=number)
    earlier = policy_changes.earlier(version)
    before = _chosen(earlier, request.GET.get("with", ""))
    compared = {}
    if before is not None:
        compared = {
            "before": before,
            "changes": policy_changes.lines(before, version),
            "comparison": policy_changes.compare(before, version, get_language() or ""),
        }
    return pages.show(
        request,
        "members/policy_changes.html",
        service=found,
        version=version,
        earlier=earlier,
        **compared,
    )


def _chosen(earlier: Sequence[PolicyVersion], asked: str) -> PolicyVersion | None:
    """The earlier version with the number asked for, else the one just before."""
    newest = next(iter(earlier), None)
    return next((one for one in earlier if str(one.number) == asked), newest)
