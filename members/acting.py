"""Who acts in a request: the person, or a legal representative for a child (LEJ-RGT-7)."""

from django.http import HttpRequest

from compliance.ledger import REPRESENTATIVE, THEMSELVES, Themselves
from members import join_session
from members.models import DataSubject, LegalRepresentative

BY_WEB, BY_REPRESENTATIVE = "web", "representative"


def is_represented(request: HttpRequest) -> bool:
    """Whether a representative acts in this session."""
    return bool(join_session.acting_as(request))


def may_act(request: HttpRequest, subject: DataSubject) -> bool:
    """Whether the representative of this session still is one of this person; true where none acts."""
    representative = join_session.acting_as(request)
    if not representative:
        return True
    confirmed = LegalRepresentative.State.CONFIRMED
    rows = LegalRepresentative.objects.filter(pk=representative, state=confirmed)
    return rows.filter(subject=subject).exists()


def actor(request: HttpRequest) -> Themselves:
    """Return whom the ledger names as acting."""
    return REPRESENTATIVE if is_represented(request) else THEMSELVES


def asked_by(request: HttpRequest) -> str:
    """Return where an answer about consent comes from."""
    return BY_REPRESENTATIVE if is_represented(request) else BY_WEB
