"""Another language, chosen by somebody signed in: the same page, and mails from now on."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, translate_url
from django.views.decorators.http import require_POST

from members.views import pages


@require_POST
def choose(request: HttpRequest, service: str) -> HttpResponse:
    """Keep the language for the person, if one is signed in, and show the page again in it."""
    found = pages.live_service(service)
    pages.keep_language(request, found)
    here = pages.inner_address(request) or reverse("members:service", args=[found.slug])
    code = request.POST[pages.SWITCH] if pages.is_language_switch(request) else ""
    return HttpResponseRedirect(translate_url(here, code) if code else here)
