"""What the messages about a case look like: text first, complete, escaped, and an officer's words are no robot's."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from compliance import authorities
from compliance.policy_files import PRESET_NAMES
from members import emails
from members.actions import delivery, enquiry
from members.actions.enquiry import Letter
from members.gate import policy_for
from members.models import Delivery
from tests.compliance.policy_files import preset
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
WRITTEN = "First line.\n\n<b>Bold</b> & more\n.\nFrom here on."


@pytest.fixture(params=["en", "ko", "id"])
def letters(request):
    """The three messages of a case in one language, as they leave."""
    service = visits.live()
    dana = cast.officer("dana", service)
    stranger = {"name": "Ha-eun", "email": "haeun@mail.example"}
    letter = Letter("complaint", "Secret words", "web", contact=stranger, language=request.param)
    case = enquiry.receive(service, letter, actor=None, now=NOW)
    enquiry.extend(case, NOW + timedelta(3), "waits_for_proof", actor=dana, now=NOW)
    enquiry.answer(case, WRITTEN, actor=dana, now=NOW)
    return request.param, case, {row.event: written(row) for row in Delivery.objects.all()}


def written(row):
    figures = delivery.contents_of([row])[row.pk]
    form = emails.personal_form(row, figures, policy=policy_for(row.service, NOW))
    raw = form.fill(to=figures["address"], message_id=row.message_id, sent_at=NOW, blanks={})
    return message_from_bytes(raw, policy=default)


def test_each_message_is_complete_in_its_text_and_carries_its_headers(letters):
    language, case, found = letters
    assert set(found) == {"enquiry_received", "enquiry_later", "enquiry_answered"}
    for event, message in found.items():
        text = message.get_body(("plain",)).get_content()
        html = message.get_body(("html",)).get_content()
        assert case.reference in text, event
        assert case.reference in html, event
        assert "cs@mikmik.co.kr" in text
        assert message["Content-Language"] == language
        assert message["Reply-To"] == "cs@mikmik.co.kr"
        assert message["List-Unsubscribe"] is None
        assert "<img" not in html
        assert "Secret words" not in text + html
        assert "Ha-eun" not in text + html


def test_an_answer_is_the_officers_own_and_no_automatic_message(letters):
    _language, _case, found = letters
    assert found["enquiry_answered"]["Auto-Submitted"] is None
    assert found["enquiry_received"]["Auto-Submitted"] == "auto-generated"
    text = found["enquiry_answered"].get_body(("plain",)).get_content()
    html = found["enquiry_answered"].get_body(("html",)).get_content()
    for line in ("First line.", "<b>Bold</b> & more", "From here on."):
        assert line in text
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; more" in html
    assert "<b>Bold" not in html


@pytest.mark.promise("MIK-18.2")
def test_an_answer_says_where_to_go_further(letters):
    _language, _case, found = letters
    for kind in ("plain", "html"):
        body = found["enquiry_answered"].get_body((kind,)).get_content()
        assert "https://www.kopico.go.kr" in body
        assert "118" in body


def test_each_preset_names_laws_whose_public_bodies_are_known():
    for name in PRESET_NAMES:
        assert authorities.of(preset(name)["service"]["law_regimes"]), name
    assert authorities.of(["LAW-XX"]) == ()
