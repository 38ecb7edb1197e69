"""What a person has to do after a restore, by the code of the ledger entry or of the finding, in words.

Every code of the ledger is repeated, or stands here, or is ``EVIDENCE``: it asks for nothing, and the tail keeps it.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

_POLICY = _("Enter this change of the policy again, and let it be approved and announced again.")
_ACCOUNT = _("Look at this account: open, close, appoint or relieve it again.")
_PAPER = _("Enter this step again in the paper register; the signed slip has the rest.")
_CASE = _("Enter this case again: propose, confirm, look again or end it, as it was then.")
_JOIN = _("Joined under the service's age after the backup: ask to join again.")
_READING = _("Nothing of it is open. Ask again if it is still needed; the tail keeps the proof.")
_BLOCK = _("Enter this block of the service again, or end it again.")
_IMPORT = _("Import the file again: the backup does not have its rows.")
_RECIPIENT = _("Enter this change of a recipient again.")
_PASSWORD = _(
    "The password from before this change is valid again: ask the person to choose a new one."
)
_REQUEST = _("Enter this request again, or what was done with it; the tail has its kind and items.")
_SERVICE = _("Set this again on the page of the service.")

WORDS: dict[str, Any] = {
    "compliance.account.closed": _ACCOUNT,
    "compliance.account.created": _ACCOUNT,
    "compliance.account.password_changed": _(
        "Ask this colleague to choose a new password: the one from before the change is valid again."
    ),
    "compliance.account.recovery_code_used": _(
        "Ask this colleague for new recovery codes: a used one is valid again."
    ),
    "compliance.account.second_factor_enrolled": _("Ask this colleague to set up the second step."),
    "compliance.account.second_factor_reset": _(
        "Take the second step away again: the lost device is valid again."
    ),
    "compliance.officer.appointed": _ACCOUNT,
    "compliance.officer.relieved": _ACCOUNT,
    "compliance.paper.registered": _("Register this paper again; its label says what it is."),
    "compliance.paper.reported": _PAPER,
    "compliance.paper.taken_back": _PAPER,
    "compliance.paper.destroyed": _PAPER,
    "compliance.certificate.issued": _(
        "Keep the sheet that was given out: the tail does not say enough to make this certificate anew."
    ),
    "compliance.policy.loaded": _POLICY,
    "compliance.policy.copied": _POLICY,
    "compliance.policy.submitted": _POLICY,
    "compliance.policy.sent_back": _POLICY,
    "compliance.policy.approved": _POLICY,
    "compliance.policy.announced": _POLICY,
    "compliance.policy.took_effect": _(
        "Enter this version again and put it into effect before anything is destroyed by the older one."
    ),
    "compliance.policy.moved": _("Move this version to its new day again."),
    "compliance.policy.cancelled": _("Cancel this version again."),
    "compliance.policy.row_changed": _POLICY,
    "compliance.policy.text_changed": _POLICY,
    "compliance.policy.class_chosen": _POLICY,
    "compliance.finding.settled": _("Settle this finding again."),
    "compliance.promise.attested": _("Attest this promise again."),
    "compliance.service.went_live": _SERVICE,
    "compliance.service.approval_mode_set": _SERVICE,
    "compliance.service.dormant_keep_set": _SERVICE,
    "compliance.notice.published": _(
        "Publish this notice again, or leave it: people may have read it."
    ),
    "members.case_flag.proposed": _CASE,
    "members.case_flag.confirmed": _CASE,
    "members.case_flag.reviewed": _CASE,
    "members.case_flag.ended": _CASE,
    "members.subject.agreed": _(
        "Agreed to a version that is lost: the shorter periods count until it is entered and agreed to again."
    ),
    "members.copy.asked": _(
        "Asked for a copy of their data: ask whether they have it, and make it again."
    ),
    "members.password.set": _PASSWORD,
    "members.password.removed": _PASSWORD,
    "members.record.corrected": _(
        "Ask this person for the corrected value again: the restored one may be the wrong one."
    ),
    "members.request.received": _REQUEST,
    "members.request.asked_back": _REQUEST,
    "members.request.commented": _REQUEST,
    "members.request.extended": _REQUEST,
    "members.request.closed": _REQUEST,
    "members.enquiry.received": _REQUEST,
    "members.enquiry.extended": _REQUEST,
    "members.enquiry.answered": _REQUEST,
    "members.representative.asked": _JOIN,
    "members.representative.confirmed": _JOIN,
    "members.identity_check.taken_in": _("Ask for the document again, or record the result again."),
    "members.identity_check.concluded": _(
        "Record this result again; if the scan came back, it is destroyed once you have."
    ),
    "members.identity_check.scan_destroyed": _(
        "If the scan came back with the backup, record the result again: then it is destroyed."
    ),
    "members.service_block.placed": _BLOCK,
    "members.service_block.kept": _BLOCK,
    "members.service_block.ended": _BLOCK,
    "members.archive.read_asked": _READING,
    "members.archive.read_released": _READING,
    "members.archive.opened": _READING,
    "members.import.applied": _IMPORT,
    "members.import.handed_in": _IMPORT,
    "members.destruction.planned": _(
        "Nothing to enter: a new plan is made. Look at it, because an approval has to be given again."
    ),
    "members.destruction.approved": _("Approve the new plan; the old approval counts no more."),
    "members.destruction.late_explained": _("Give the reason for the delay again."),
    "disclosures.recipient.added": _RECIPIENT,
    "disclosures.recipient.changed": _RECIPIENT,
    "disclosures.recipient.ended": _RECIPIENT,
    "people_lost": _(
        "Joined after the backup and is lost here: import again, or ask to join again."
    ),
    "mail_cancelled": _(
        "Nobody can tell whether this message left. Look at the mail server, and send it again if not."
    ),
    "destruction_untold": _(
        "Nobody can tell whether these people were told of a destruction. Tell them if not."
    ),
    "confirmation_not_proven": _(
        "Left after the backup; nothing proves that the confirmation was sent. Be ready to confirm on paper."
    ),
    "agreement_without_its_version": _(
        "Agreed to a version that is lost: ask again once it is entered."
    ),
    "hold_without_records": _("A hold on what is gone: tell the person, and nothing else."),
    "hold_widened": _("Look at this hold: its items are not known, so it holds everything."),
    "value_lost": _(
        "A corrected value is lost and on hold: ask the person for it, enter it, lift the hold."
    ),
    "held": _("Named by an unfinished run and on hold now: it stays until the hold is lifted."),
    "people_lost_apart": _(
        "Should lie apart, and the archive does not have it: look for a newer backup of the archive."
    ),
    "kept_records_lost": _(
        "Has to be kept by law and is lost: look for a newer backup of the archive."
    ),
    "records_apart_of_people_here": _(
        "Lies apart although the person is here, with no other copy: decide where it belongs."
    ),
    "unreadable_default": _("Newer than the keyring: its key is lost. Ask for the data again."),
    "unreadable_archive": _("Newer than the keyring: its key is lost. Look for a newer keyring."),
}

EVIDENCE = frozenset(
    {
        "compliance.account.signed_in",
        "compliance.certificate.finalised",
        "compliance.effect.intended",
        "compliance.effect.completed",
        "compliance.policy.superseded",
        "compliance.promise.broke",
        "compliance.promise.checked",
        "compliance.restore.signed_off",
        "compliance.restore.step_done",
        "compliance.upload.destroyed",
        "members.questions.put_off",
        "members.access_code.accepted",
        "members.archive.clocks_moved",
        "members.archive.read_refused",
        "members.archive.read_turned_down",
        "members.case_flag.set_aside",
        "members.copy.ready",
        "members.copy.taken",
        "members.delivery.address_destroyed",
        "members.delivery.cancelled",
        "members.delivery.not_sent",
        "members.delivery.planned",
        "members.destruction.completed",
        "members.destruction.voided",
        "members.dormancy.address_used",
        "members.dormancy.ended_by_use",
        "members.dormancy.noticed",
        "members.dormancy.results_noted",
        "members.dormancy.storage_over",
        "members.dormancy.told",
        "members.enquiry.opened",
        "members.enquiry.taken",
        "members.enquiry.texts_destroyed",
        "members.import.dropped",
        "members.import.previewed",
        "members.import.staged",
        "members.item.revealed",
        "members.item.reveal_refused",
        "members.notice.completed",
        "members.notice.planned",
        "members.receipt.signed",
        "members.password.accepted",
        "members.request.assigned",
        "members.request.identity_checked",
        "members.request.texts_shown",
        "members.representative.refused",
        "members.representative.signed_in",
        "members.representative.unanswered",
        "members.restore.replayed",
        "members.sample.registered",
        "members.withdrawal.confirmation_planned",
        "members.withdrawal.replayed",
    }
)


def words(code: str) -> str:
    """Return what has to be done, in one sentence; the code itself where there are no words."""
    return str(WORDS.get(code, code))
