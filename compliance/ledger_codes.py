"""Register of ledger codes: what may be recorded, and with which data keys.

A code reads ``app.noun.past_verb``. Values are numbers, booleans, dates or opaque codes; never words of a
person, never an address. Add a line here before recording a new code.
"""


def _keys(names: str = "") -> frozenset[str]:
    return frozenset(names.split())


CODES: dict[str, frozenset[str]] = {
    "compliance.account.created": _keys("account"),
    "compliance.account.password_changed": _keys(),
    "compliance.account.recovery_code_used": _keys("left"),
    "compliance.account.second_factor_enrolled": _keys(),
    "compliance.account.second_factor_reset": _keys("account"),
    "compliance.account.signed_in": _keys(),
    "compliance.officer.appointed": _keys("account role"),
    "compliance.certificate.issued": _keys("kind records method final_on digest"),
    "compliance.certificate.finalised": _keys("epoch"),
    "compliance.effect.intended": _keys("effect kind"),
    "compliance.effect.completed": _keys("effect kind"),
    "compliance.policy.loaded": _keys("number rows digest"),
    "compliance.policy.copied": _keys("number source rows"),
    "compliance.finding.settled": _keys("finding sample"),
    "compliance.service.went_live": _keys("number"),
    "compliance.policy.submitted": _keys("number change_class effective_on reasons"),
    "compliance.policy.sent_back": _keys("number"),
    "compliance.policy.approved": _keys("number change_class effective_on digest"),
    "compliance.policy.announced": _keys("number change_class effective_on announced_on"),
    "compliance.policy.took_effect": _keys("number effective_on"),
    "compliance.policy.superseded": _keys("number by"),
    "compliance.policy.cancelled": _keys("number state"),
    "compliance.notice.published": _keys("event effective_on places"),
    "compliance.upload.destroyed": _keys("files"),
    "members.subject.registered": _keys("kind source"),
    "members.access_code.accepted": _keys("purpose"),
    "members.consent.answered": _keys("purpose answer channel recipient version"),
    "members.item.revealed": _keys("item purpose"),
    "members.item.reveal_refused": _keys("item purpose"),
    "members.withdrawal.requested": _keys("channel consents_ended version"),
    "members.withdrawal.confirmation_planned": _keys(),
    "members.withdrawal.completed": _keys(),
    "members.record.segregated": _keys("records digests"),
    "members.record.destroyed": _keys("records"),
    "members.rejoin_digest.destroyed": _keys("digests"),
    "members.delivery.planned": _keys("notice event kind stage count"),
    "members.delivery.sent": _keys("event stage notice delivery count"),
    "members.delivery.not_sent": _keys("event stage notice delivery state reason count"),
    "members.delivery.cancelled": _keys("count"),
    "members.delivery.address_destroyed": _keys("count"),
    "members.notice.planned": _keys("stage people"),
    "members.notice.completed": _keys("sent failed refused unreachable cancelled uncertain"),
    "members.import.handed_in": _keys("job kind size"),
    "members.import.previewed": _keys("job kind new changed same rejected problems"),
    "members.import.staged": _keys("job change kind rows"),
    "members.import.applied": _keys("job new changed same rejected overtaken"),
    "members.import.dropped": _keys("job reason people records"),
    "members.sample.registered": _keys("kind batch"),
}
