"""The page on which the text of a draft is written in one language."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance import policy_show, previews, refusal_words
from compliance.actions import policy_draft
from compliance.actions.policy_version import TransitionRefused
from compliance.admin import policy_pages as pages
from compliance.admin.policy_list import languages
from compliance.models import PolicyVersion

LONGEST = 200_000
PREVIEW = "preview"


class TextForm(forms.Form):
    """Markdown of one language, and whether it may be shown."""

    body = forms.CharField(
        label=_("Text (Markdown)"),
        required=False,
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true"}),
        help_text=_(
            "Start each clause with ## and its number. Leave an empty line between paragraphs."
        ),
    )
    ready = forms.BooleanField(label=_("Ready: this text may be shown to people"), required=False)

    def clean_body(self) -> str:
        """Keep line ends as they are stored."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")

    def clean(self) -> dict[str, object]:
        """An empty text cannot be ready."""
        cleaned = super().clean() or {}
        if cleaned.get("ready") and not str(cleaned.get("body", "")).strip():
            self.add_error("body", _("Write the text first: an empty text cannot be ready."))
        return cleaned


def text(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Write, look at and keep the text of a draft; others can be read on the page of the version."""
    version = pages.find(request, pk, "policies.edit")
    stored = version.texts.filter(language=language).first()
    if language not in languages(version, {stored.language: stored.ready} if stored else {}):
        raise Http404
    initial = {"body": stored.body, "ready": stored.ready} if stored else {}
    form = TextForm(request.POST or None, initial=initial, label_suffix="")
    if version.state != PolicyVersion.State.DRAFT:
        refusal = TransitionRefused("wrong_state", state=version.state)
        return pages.refused(request, version, refusal_words.sentence(refusal))
    if request.method != "POST":
        return _page(request, version, language, form, str(initial.get("body", "")))
    if not form.is_valid():
        return _page(request, version, language, form, request.POST.get("body", ""), answer=422)
    if PREVIEW in request.POST:
        return _page(request, version, language, form, form.cleaned_data["body"])
    return _save(request, version, language, form)


def _save(
    request: HttpRequest, version: PolicyVersion, language: str, form: TextForm
) -> HttpResponse:
    try:
        policy_draft.save_text(
            version,
            language,
            form.cleaned_data["body"],
            ready=form.cleaned_data["ready"],
            actor=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except TransitionRefused as refusal:
        return pages.refused(request, version, refusal_words.sentence(refusal))
    messages.success(request, _("The text is saved."))
    return redirect(f"{pages.url('change', version.pk)}?tab=texts")


def _page(
    request: HttpRequest,
    version: PolicyVersion,
    language: str,
    form: TextForm,
    body: str,
    *,
    answer: int = 200,
) -> HttpResponse:
    context = {"form": form, "language": language, "preview": previews.text(body) if body else ""}
    title = _("Text in %(language)s") % {"language": policy_show.language_words(language)}
    return pages.show(request, "text_form", version, title, context, answer=answer)
