"""Download my data: what is in the copy, asking for it, its state, and the file (MIK-7.1a, LEJ-RGT-1)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from compliance.bell import nudge
from compliance.models import Service
from members.actions import data_copy
from members.models import DataCopy
from members.views import pages


@require_http_methods(["GET", "HEAD", "POST"])
@pages.for_oneself
def page(request: HttpRequest, service: Service) -> HttpResponse:
    """Show what the copy holds and how far it is (GET), or ask for one (POST)."""
    if request.method == "POST":
        data_copy.ask(request.subject, language=get_language(), now=timezone.now())
        nudge("copies.write")
        return HttpResponseRedirect(reverse("members:copy", args=[service.slug]))
    copy = DataCopy.objects.filter(subject=request.subject).order_by("-asked_at").first()
    alive = copy is not None and copy.is_open(timezone.now())
    return pages.show(request, "members/copy.html", service=service, copy=copy, alive=alive)


@require_POST
@pages.for_oneself
def file(request: HttpRequest, service: Service) -> HttpResponse:
    """Give the file to its person; a copy that is gone leads back to the page, where a new one is asked for."""
    copy = DataCopy.objects.filter(subject=request.subject).order_by("-asked_at").first()
    try:
        if copy is None:
            raise data_copy.Gone
        content = data_copy.open_(copy, now=timezone.now())
    except data_copy.Gone:
        messages.error(request, _("This copy is not there any more. You can ask for a new one."))
        return HttpResponseRedirect(reverse("members:copy", args=[service.slug]))
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{service.slug}-my-data.zip"'
    response["Cache-Control"] = "no-store"
    return response
